// The arithmetic every backend shares (README.md, "requantize"). Compiled with -ffp-contract=off.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace byteflow {

inline std::int8_t clamp8(std::int32_t x) { return static_cast<std::int8_t>(std::clamp(x, -128, 127)); }

// Half to even, under the default rounding mode, which nothing here changes. The bounds only keep the
// conversion defined: they lie far outside what clamp8 keeps after adding any zero point.
inline std::int32_t round_to_code(float x) {
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(x), -1024.0f, 1024.0f));
}

inline std::int8_t requantize(std::int32_t acc, float multiplier, std::int32_t zero_point) {
  return clamp8(round_to_code(static_cast<float>(acc) * multiplier) + zero_point);
}

// Rounds a value known to fit int32.
inline std::int32_t round_to_int32(float x) { return static_cast<std::int32_t>(std::nearbyint(x)); }

// Layer input to layer output through a weight's channel, in the order that the contract fixes.
inline float multiplier(float scale_in, float scale_weight, float scale_out) {
  return (scale_in * scale_weight) / scale_out;
}

}  // namespace byteflow
