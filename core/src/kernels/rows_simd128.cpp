#include "kernels/rows_simd128.h"

#include <algorithm>
#include <cstring>

#include "kernels/layer_norm.h"
#include "kernels/simd.h"
#include "quant/requantize.h"

namespace byteflow::simd128 {

namespace {

// Codes of one step: one 8-byte load, widened to eight int16.
constexpr std::size_t kStep = 8;

// Pairs of int16.
constexpr std::int32_t kOnes = 0x00010001, kHalves = 0x00400040;  // 1; 64

// Eight accumulators requantized by one multiplier.
v128_t requantize8(v128_t low, v128_t high, v128_t multiplier, const ToCodes& to_codes) {
  return to_codes(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low), multiplier),
                  wasm_f32x4_mul(wasm_f32x4_convert_i32x4(high), multiplier));
}

void look_up(const std::int8_t* codes, std::size_t count, const std::int16_t* table, std::int16_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = table[codes[i] + 128];
}

}  // namespace

void dot(Rows a, std::size_t rows, std::int32_t zero_point, const std::int8_t* weight, std::size_t inputs,
         std::size_t outputs, std::int32_t* out) {
  const v128_t zero = wasm_i16x8_splat(static_cast<std::int16_t>(zero_point));
  const std::size_t whole = inputs / kStep * kStep;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::int8_t* row = a.data + r * a.stride;
    for (std::size_t n = 0; n < outputs; ++n) {
      const std::int8_t* w = weight + n * inputs;
      v128_t acc = wasm_i32x4_splat(0);
      for (std::size_t k = 0; k < whole; k += kStep)
        acc = wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(centred8(row + k, zero), wasm_i16x8_load8x8(w + k)));
      std::int32_t total = sum_lanes(acc);
      for (std::size_t k = whole; k < inputs; ++k) total += (row[k] - zero_point) * w[k];
      out[r * outputs + n] = total;
    }
  }
}

void embed(const std::int32_t* table, std::size_t width, std::size_t stride,
           std::span<const std::uint16_t> ids, const std::int32_t* bias, const float* multiplier,
           std::int32_t zero_point, const std::int8_t* activation, std::size_t channels, std::int8_t* out) {
  const ToCodes to_codes(zero_point);
  for (std::size_t t = 0; t < ids.size(); ++t, out += channels) {
    for (std::size_t n = 0; n < channels;
         n += 16) {  // four accumulators; bias, multiplier and table rows are padded to 16
      v128_t acc[4];
      for (std::size_t i = 0; i < 4; ++i) acc[i] = wasm_v128_load(bias + n + 4 * i);
      for (std::size_t k = 0; k < width; ++k) {
        const std::size_t position = t + k - width / 2;  // wraps below zero, and is then beyond the end too
        if (position >= ids.size()) continue;
        const std::int32_t* row = table + (ids[position] * width + k) * stride + n;
        for (std::size_t i = 0; i < 4; ++i) acc[i] = wasm_i32x4_add(acc[i], wasm_v128_load(row + 4 * i));
      }
      for (std::size_t i = 0; i < 4; ++i)
        acc[i] = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc[i]), wasm_v128_load(multiplier + n + 4 * i));
      std::int8_t codes[16];
      wasm_v128_store64_lane(codes, to_codes(acc[0], acc[1]), 0);
      wasm_v128_store64_lane(codes + 8, to_codes(acc[2], acc[3]), 0);
      const std::size_t count = std::min<std::size_t>(16, channels - n);
      for (std::size_t i = 0; i < count; ++i) out[n + i] = activation[codes[i] + 128];
    }
  }
}

void mix(Rows a, std::span<const std::int16_t> coefficients, std::int32_t zero_in, float multiplier,
         std::int32_t zero_out, std::size_t channels, std::int8_t* out) {
  const v128_t zero = wasm_i16x8_splat(static_cast<std::int16_t>(zero_in));
  const ToCodes to_codes(zero_out);
  const v128_t scale = wasm_f32x4_splat(multiplier);
  for (std::size_t c = 0; c < channels; c += 8) {
    v128_t low = wasm_i32x4_splat(0), high = wasm_i32x4_splat(0);
    for (std::size_t p = 0; p < coefficients.size(); ++p) {
      const v128_t x = centred8(a.data + p * a.stride + c, zero);
      const v128_t share = wasm_i16x8_splat(coefficients[p]);
      low = wasm_i32x4_add(low, wasm_i32x4_extmul_low_i16x8(x, share));
      high = wasm_i32x4_add(high, wasm_i32x4_extmul_high_i16x8(x, share));
    }
    store_codes(out + c, requantize8(low, high, scale, to_codes), channels - c);
  }
}

void norm(const std::int8_t* x, std::size_t rows, std::size_t channels, float epsilon, float scale_out,
          std::int32_t zero_out, std::int8_t* out) {
  const ToCodes to_codes(zero_out);
  const v128_t ones = constant(kOnes);
  const auto n = static_cast<std::int32_t>(channels);
  const v128_t count = wasm_i32x4_splat(n);
  const std::size_t whole = channels / 8 * 8;
  for (std::size_t r = 0; r < rows; ++r, x += channels, out += channels) {
    v128_t sums = wasm_i32x4_splat(0), products = wasm_i32x4_splat(0);
    for (std::size_t c = 0; c < whole; c += 8) {
      const v128_t q = wasm_i16x8_load8x8(x + c);
      sums = wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(q, ones));
      products = wasm_i32x4_add(products, wasm_i32x4_dot_i16x8(q, q));
    }
    std::int32_t sum = sum_lanes(sums), squares = sum_lanes(products);
    for (std::size_t c = whole; c < channels; ++c) {
      sum += x[c];
      squares += x[c] * x[c];
    }
    const float factor = norm_factor(channels, sum, squares, epsilon, scale_out);
    const v128_t mean = wasm_i32x4_splat(sum), scale = wasm_f32x4_splat(factor);
    for (std::size_t c = 0; c < whole; c += 8) {
      const v128_t q = wasm_i16x8_load8x8(x + c);
      const v128_t low = wasm_i32x4_sub(wasm_i32x4_mul(wasm_i32x4_extend_low_i16x8(q), count), mean);
      const v128_t high = wasm_i32x4_sub(wasm_i32x4_mul(wasm_i32x4_extend_high_i16x8(q), count), mean);
      wasm_v128_store64_lane(out + c, requantize8(low, high, scale, to_codes), 0);
    }
    for (std::size_t c = whole; c < channels; ++c) out[c] = requantize(n * x[c] - sum, factor, zero_out);
  }
}

void fo_pool(Rows gates, std::size_t rows, std::size_t state, const std::int16_t* z, const std::int16_t* f,
             const std::int16_t* o, bool backward, std::int16_t* carry, std::int8_t* out,
             std::size_t out_stride) {
  std::int16_t* const zs = carry + state;
  std::int16_t* const fs = zs + state;
  std::int16_t* const os = fs + state;
  std::fill_n(carry, state, std::int16_t{0});
  const std::size_t whole = state / 8 * 8;
  const v128_t half = constant(kHalves);
  for (std::size_t step = 0; step < rows; ++step) {
    const std::size_t t = backward ? rows - 1 - step : step;
    const std::int8_t* code = gates.data + t * gates.stride;
    look_up(code, state, z, zs);
    look_up(code + state, state, f, fs);
    look_up(code + 2 * state, state, o, os);
    std::int8_t* y = out + t * out_stride;
    for (std::size_t s = 0; s < whole; s += 8) {
      const v128_t zt = wasm_v128_load(zs + s);
      // q15mulr is (a * b + 2^14) >> 15; neither operand is ever -32768 twice, so it does not saturate.
      const v128_t c = wasm_i16x8_add(
          zt, wasm_i16x8_q15mulr_sat(wasm_v128_load(fs + s), wasm_i16x8_sub(wasm_v128_load(carry + s), zt)));
      wasm_v128_store(carry + s, c);
      const v128_t u = wasm_i16x8_q15mulr_sat(wasm_v128_load(os + s), c);
      const v128_t h = wasm_i16x8_shr(wasm_i16x8_add(u, half), 7);
      wasm_v128_store64_lane(y + s, wasm_i8x16_narrow_i16x8(h, h), 0);
    }
    for (std::size_t s = whole; s < state; ++s) {
      const std::int32_t c = zs[s] + ((fs[s] * (carry[s] - zs[s]) + (1 << 14)) >> 15);
      carry[s] = static_cast<std::int16_t>(c);
      y[s] = clamp8((((os[s] * c + (1 << 14)) >> 15) + 64) >> 7);
    }
  }
}

void pool(Rows y, std::size_t rows, std::size_t channels, std::int32_t zero_point, const std::int32_t* shares,
          std::int32_t* pooled) {
  const v128_t zero = wasm_i16x8_splat(static_cast<std::int16_t>(zero_point));
  for (std::size_t c = 0; c < channels; c += 8) {
    v128_t low = wasm_i32x4_splat(0), high = wasm_i32x4_splat(0);
    v128_t highest = wasm_i16x8_splat(-512);  // below every code minus a zero point
    for (std::size_t t = 0; t < rows; ++t) {
      const v128_t x = centred8(y.data + t * y.stride + c, zero);
      const v128_t share = wasm_i32x4_splat(shares[t]);
      low = wasm_i32x4_add(low, wasm_i32x4_mul(wasm_i32x4_extend_low_i16x8(x), share));
      high = wasm_i32x4_add(high, wasm_i32x4_mul(wasm_i32x4_extend_high_i16x8(x), share));
      highest = wasm_i16x8_max(highest, x);
    }
    const v128_t scale = wasm_f32x4_splat(0x1p-15f);
    std::int32_t mean[8], peak[8];
    wasm_v128_store(mean, wasm_i32x4_trunc_sat_f32x4(
                              wasm_f32x4_nearest(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low), scale))));
    wasm_v128_store(mean + 4, wasm_i32x4_trunc_sat_f32x4(
                                  wasm_f32x4_nearest(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(high), scale))));
    wasm_v128_store(peak, wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(highest), 7));
    wasm_v128_store(peak + 4, wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(highest), 7));
    const std::size_t count = std::min<std::size_t>(8, channels - c);
    std::copy_n(mean, count, pooled + c);
    std::copy_n(peak, count, pooled + channels + c);
  }
}

}  // namespace byteflow::simd128
