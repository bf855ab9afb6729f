// The row statistics of LayerNorm (core/src/quant/README.md section 4), shared so that every backend divides
// and roots alike.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace byteflow {

// r = 1 / (sqrt(N sum q^2 - (sum q)^2 + epsilon) * scale_out)
inline float norm_factor(std::size_t channels, std::int32_t sum, std::int32_t squares, float epsilon,
                         float scale_out) {
  const std::int64_t v = static_cast<std::int64_t>(channels) * squares - static_cast<std::int64_t>(sum) * sum;
  return 1.0f / (std::sqrt(static_cast<float>(v) + epsilon) * scale_out);
}

}  // namespace byteflow
