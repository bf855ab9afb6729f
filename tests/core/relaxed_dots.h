// i32x4.relaxed_dot_i8x16_i7x16_add_s, which SIMDe lacks, in each meaning that an engine may give it.
#pragma once

#ifdef BYTEFLOW_SIMD128

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "kernels/relaxed.h"

namespace byteflow {

// Lane i of the result: acc[i] + sum of `pair`(weights, activations) over its two pairs of bytes.
template <typename Pair>
v128_t dot_lanes(v128_t weights, v128_t activations, v128_t acc, Pair pair) {
  std::array<std::int8_t, 16> w;
  std::array<std::uint8_t, 16> x;
  std::array<std::uint32_t, 4> sums;  // wraps, as the instruction does
  wasm_v128_store(w.data(), weights);
  wasm_v128_store(x.data(), activations);
  wasm_v128_store(sums.data(), acc);
  for (std::size_t i = 0; i < 16; i += 2)
    sums[i / 4] += static_cast<std::uint32_t>(pair(w[i], x[i], w[i + 1], x[i + 1]));
  return wasm_v128_load(sums.data());
}

// Arm's sdot; x86's vpdpbssd.
struct SignedDot {
  static v128_t dot(v128_t weights, v128_t activations, v128_t acc) {
    return dot_lanes(weights, activations, acc, [](int w0, std::uint8_t x0, int w1, std::uint8_t x1) {
      return w0 * static_cast<std::int8_t>(x0) + w1 * static_cast<std::int8_t>(x1);
    });
  }
};

// x86's vpdpbusd.
struct UnsignedDot {
  static v128_t dot(v128_t weights, v128_t activations, v128_t acc) {
    return dot_lanes(weights, activations, acc,
                     [](int w0, std::uint8_t x0, int w1, std::uint8_t x1) { return w0 * x0 + w1 * x1; });
  }
};

// x86's pmaddubsw: the sum of two products saturates to int16.
struct SaturatingDot {
  static v128_t dot(v128_t weights, v128_t activations, v128_t acc) {
    return dot_lanes(weights, activations, acc, [](int w0, std::uint8_t x0, int w1, std::uint8_t x1) {
      return std::clamp(w0 * x0 + w1 * x1, -32'768, 32'767);
    });
  }
};

}  // namespace byteflow

#endif
