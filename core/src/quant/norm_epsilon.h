// LayerNorm's epsilon in units of N^2 squared codes (README.md section 4).
#pragma once

#include <cstddef>

namespace byteflow {

inline float norm_epsilon_in_codes(float epsilon, std::size_t channels, float scale_in) {
  return (epsilon * static_cast<float>(channels * channels)) / (scale_in * scale_in);
}

}  // namespace byteflow
