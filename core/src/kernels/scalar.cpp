// The oracle: each kernel as its definition reads.

#include <algorithm>
#include <cstring>

#include "kernels/attention.h"
#include "kernels/kernels.h"
#include "kernels/layer_norm.h"
#include "quant/requantize.h"

namespace byteflow {

namespace {

std::size_t packed_size(std::size_t inputs, std::size_t outputs) { return inputs * outputs; }

void pack(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data) {
  std::memcpy(data, weight, inputs * outputs);
}

std::size_t gemm_scratch(std::size_t, std::size_t, std::size_t) { return 0; }

std::int32_t dot_product(const std::int8_t* a, const std::int8_t* b, std::size_t count) {
  std::int32_t acc = 0;
  for (std::size_t k = 0; k < count; ++k) acc += a[k] * b[k];
  return acc;
}

void gemm(const PackedWeight& weight, Rows a, std::size_t rows, const Residual* residual,
          std::int32_t zero_point, std::int8_t* out, std::size_t out_stride, std::byte*) {
  const auto* w = reinterpret_cast<const std::int8_t*>(weight.data.data());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t n = 0; n < weight.outputs; ++n) {
      const std::int32_t acc =
          weight.bias[n] + dot_product(a.data + r * a.stride, w + n * weight.inputs, weight.inputs);
      float value = static_cast<float>(acc) * weight.multiplier[n];
      if (residual != nullptr) {
        const std::int32_t code = residual->rows.data[r * residual->rows.stride + n];
        value += static_cast<float>(code - residual->zero_point) * residual->multiplier;
      }
      out[r * out_stride + n] = clamp8(round_to_code(value) + zero_point);
    }
  }
}

void dot(Rows a, std::size_t rows, std::int32_t zero_point, const std::int8_t* weight, std::size_t inputs,
         std::size_t outputs, std::int32_t* out) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t n = 0; n < outputs; ++n) {
      std::int32_t acc = 0;
      for (std::size_t k = 0; k < inputs; ++k)
        acc += (a.data[r * a.stride + k] - zero_point) * weight[n * inputs + k];
      out[r * outputs + n] = acc;
    }
  }
}

void embed(const std::int32_t* table, std::size_t width, std::size_t stride,
           std::span<const std::uint16_t> ids, const std::int32_t* bias, const float* multiplier,
           std::int32_t zero_point, const std::int8_t* activation, std::size_t channels, std::int8_t* out) {
  for (std::size_t t = 0; t < ids.size(); ++t) {
    for (std::size_t n = 0; n < channels; ++n) {
      std::int32_t acc = bias[n];
      for (std::size_t k = 0; k < width; ++k) {
        const std::size_t position = t + k - width / 2;  // wraps below zero, and is then beyond the end too
        if (position < ids.size()) acc += table[(ids[position] * width + k) * stride + n];
      }
      out[t * channels + n] = activation[requantize(acc, multiplier[n], zero_point) + 128];
    }
  }
}

void mix(Rows a, std::span<const std::int16_t> coefficients, std::int32_t zero_in, float multiplier,
         std::int32_t zero_out, std::size_t channels, std::int8_t* out) {
  for (std::size_t c = 0; c < channels; ++c) {
    std::int32_t acc = 0;
    for (std::size_t p = 0; p < coefficients.size(); ++p)
      acc += coefficients[p] * (a.data[p * a.stride + c] - zero_in);
    out[c] = requantize(acc, multiplier, zero_out);
  }
}

void norm(const std::int8_t* x, std::size_t rows, std::size_t channels, float epsilon, float scale_out,
          std::int32_t zero_out, std::int8_t* out) {
  const auto n = static_cast<std::int32_t>(channels);
  for (std::size_t r = 0; r < rows; ++r, x += channels, out += channels) {
    std::int32_t sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      sum += x[c];
      squares += x[c] * x[c];
    }
    const float factor = norm_factor(channels, sum, squares, epsilon, scale_out);
    for (std::size_t c = 0; c < channels; ++c) out[c] = requantize(n * x[c] - sum, factor, zero_out);
  }
}

void fo_pool(Rows gates, std::size_t rows, std::size_t state, const std::int16_t* z, const std::int16_t* f,
             const std::int16_t* o, bool backward, std::int16_t* carry, std::int8_t* out,
             std::size_t out_stride) {
  std::fill_n(carry, state, std::int16_t{0});
  for (std::size_t step = 0; step < rows; ++step) {
    const std::size_t t = backward ? rows - 1 - step : step;
    const std::int8_t* code = gates.data + t * gates.stride;
    for (std::size_t s = 0; s < state; ++s) {
      const std::int32_t zt = z[code[s] + 128], ft = f[code[state + s] + 128],
                         ot = o[code[2 * state + s] + 128];
      const std::int32_t c = zt + ((ft * (carry[s] - zt) + (1 << 14)) >> 15);
      const std::int32_t u = (ot * c + (1 << 14)) >> 15;
      carry[s] = static_cast<std::int16_t>(c);
      out[t * out_stride + s] = clamp8((u + 64) >> 7);
    }
  }
}

void pool(Rows y, std::size_t rows, std::size_t channels, std::int32_t zero_point, const std::int32_t* shares,
          std::int32_t* pooled) {
  for (std::size_t c = 0; c < channels; ++c) {
    std::int32_t acc = 0, highest = -128;
    for (std::size_t t = 0; t < rows; ++t) {
      const std::int32_t code = y.data[t * y.stride + c];
      acc += shares[t] * (code - zero_point);
      highest = std::max(highest, code);
    }
    pooled[c] = round_to_int32(static_cast<float>(acc) * 0x1p-15f);
    pooled[channels + c] = (highest - zero_point) * 128;
  }
}

}  // namespace

const Kernels& scalar_kernels() {
  static constexpr Kernels kernels = {"scalar",
                                      packed_size,
                                      pack,
                                      gemm_scratch,
                                      gemm,
                                      dot,
                                      embed,
                                      mix,
                                      norm,
                                      fo_pool,
                                      pool,
                                      scalar::attention_scores,
                                      scalar::attention_mix};
  return kernels;
}

}  // namespace byteflow
