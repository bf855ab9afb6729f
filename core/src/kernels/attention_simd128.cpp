// Attention: products of activations by activations, which no packing can prepare.

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/simd.h"

namespace byteflow::simd128 {

namespace {

constexpr std::size_t kStep = 8;  // codes of one widening load

// Scores: 2 queries x 4 keys are 8 accumulators, beside 2 queries and a key; two rounds fill a store.
constexpr std::size_t kScoreRows = 2;
constexpr std::size_t kScoreKeys = 4;

// Mix: 4 rows of 8 channels are 8 accumulators, beside two interleaved pairs of values and a pair of shares.
constexpr std::size_t kMixRows = 4;

v128_t scaled(v128_t acc, float multiplier) {
  return wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc), wasm_f32x4_splat(multiplier));
}

// MR queries by all keys. Channels beyond a whole step are masked in the queries, so that whatever follows a
// row of keys counts nothing.
template <std::size_t MR>
void score_rows(Rows query, Rows key, std::size_t time, std::size_t width, float multiplier, std::int8_t* out,
                std::size_t out_stride) {
  const ToCodes to_codes(0);
  const std::size_t whole = width / kStep * kStep;
  v128_t tail[MR];
  for (std::size_t r = 0; r < MR; ++r) {
    std::int16_t lanes[kStep] = {};
    for (std::size_t c = whole; c < width; ++c) lanes[c - whole] = query.data[r * query.stride + c];
    tail[r] = wasm_v128_load(lanes);
  }
  for (std::size_t u = 0; u < time; u += 2 * kScoreKeys) {
    v128_t value[MR][2];
    for (std::size_t half = 0; half < 2; ++half) {
      // Past the last key, the last one again; what it gives is not stored.
      const std::int8_t* keys[kScoreKeys];
      for (std::size_t i = 0; i < kScoreKeys; ++i)
        keys[i] = key.data + std::min(u + half * kScoreKeys + i, time - 1) * key.stride;
      v128_t acc[MR][kScoreKeys];
      for (auto& row : acc)
        for (v128_t& sum : row) sum = wasm_i32x4_splat(0);
      const auto step = [&](const v128_t(&q)[MR], std::size_t c) {
        for (std::size_t i = 0; i < kScoreKeys; ++i) {
          const v128_t k = wasm_i16x8_load8x8(keys[i] + c);
          for (std::size_t r = 0; r < MR; ++r)
            acc[r][i] = wasm_i32x4_add(acc[r][i], wasm_i32x4_dot_i16x8(q[r], k));
        }
      };
      for (std::size_t c = 0; c < whole; c += kStep) {
        v128_t q[MR];
        for (std::size_t r = 0; r < MR; ++r) q[r] = wasm_i16x8_load8x8(query.data + r * query.stride + c);
        step(q, c);
      }
      if (whole < width) step(tail, whole);
      for (std::size_t r = 0; r < MR; ++r) value[r][half] = scaled(sums_of_lanes(acc[r]), multiplier);
    }
    const std::size_t count = std::min(2 * kScoreKeys, time - u);
    for (std::size_t r = 0; r < MR; ++r)
      store_codes(out + r * out_stride + u, to_codes(value[r][0], value[r][1]), count);
  }
}

template <std::size_t MR>
void mix_rows(const std::int16_t* shares, std::size_t share_stride, Rows value, std::size_t time,
              std::size_t width, const float* multiplier, std::int8_t* out, std::size_t out_stride) {
  const ToCodes to_codes(0);
  for (std::size_t c = 0; c < width; c += kStep) {
    v128_t acc[MR][2];
    for (auto& row : acc) row[0] = row[1] = wasm_i32x4_splat(0);
    // A pair of rows: one dot product adds both.
    const auto step = [&](v128_t first, v128_t second, std::size_t u) {
      const v128_t low = wasm_i16x8_shuffle(first, second, 0, 8, 1, 9, 2, 10, 3, 11);
      const v128_t high = wasm_i16x8_shuffle(first, second, 4, 12, 5, 13, 6, 14, 7, 15);
      for (std::size_t r = 0; r < MR; ++r) {
        const v128_t pair = wasm_v128_load32_splat(shares + r * share_stride + u);
        acc[r][0] = wasm_i32x4_add(acc[r][0], wasm_i32x4_dot_i16x8(low, pair));
        acc[r][1] = wasm_i32x4_add(acc[r][1], wasm_i32x4_dot_i16x8(high, pair));
      }
    };
    const auto row = [&](std::size_t u) { return wasm_i16x8_load8x8(value.data + u * value.stride + c); };
    std::size_t u = 0;
    for (; u + 2 <= time; u += 2) step(row(u), row(u + 1), u);
    if (u < time) step(row(u), wasm_i16x8_splat(0), u);  // whatever share follows the last counts nothing
    const std::size_t count = std::min(kStep, width - c);
    for (std::size_t r = 0; r < MR; ++r) {
      const v128_t low = scaled(acc[r][0], multiplier[r]), high = scaled(acc[r][1], multiplier[r]);
      store_codes(out + r * out_stride + c, to_codes(low, high), count);
    }
  }
}

}  // namespace

void attention_scores(Rows query, std::size_t rows, Rows key, std::size_t time, std::size_t width,
                      float multiplier, std::int8_t* out, std::size_t out_stride) {
  std::size_t r = 0;
  const auto from = [&](std::size_t row) { return Rows{query.data + row * query.stride, query.stride}; };
  for (; r + kScoreRows <= rows; r += kScoreRows)
    score_rows<kScoreRows>(from(r), key, time, width, multiplier, out + r * out_stride, out_stride);
  for (; r < rows; ++r)
    score_rows<1>(from(r), key, time, width, multiplier, out + r * out_stride, out_stride);
}

void attention_mix(const std::int16_t* shares, std::size_t share_stride, std::size_t rows, Rows value,
                   std::size_t time, std::size_t width, const float* multiplier, std::int8_t* out,
                   std::size_t out_stride) {
  std::size_t r = 0;
  for (; r + kMixRows <= rows; r += kMixRows)
    mix_rows<kMixRows>(shares + r * share_stride, share_stride, value, time, width, multiplier + r,
                       out + r * out_stride, out_stride);
  for (; r < rows; ++r)
    mix_rows<1>(shares + r * share_stride, share_stride, value, time, width, multiplier + r,
                out + r * out_stride, out_stride);
}

}  // namespace byteflow::simd128
