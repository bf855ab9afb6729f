// i32x4.dot_i16x8_s, one pmaddwd on x86: weights as pairs of int16, activations widened once a call.
#pragma once

#include "kernels/gemm_simd128.h"

namespace byteflow {

struct PairsForm : PanelByPanel<PairsForm> {
  using Operand = std::int16_t;

  // 4 rows x 8 outputs: 8 accumulators, 2 weight vectors, a broadcast pair and a product are 12 of the 15
  // registers that V8 gives on x86-64. A step of two pairs and no more: unrolled further, the engine moves
  // registers about and loses a seventh of the speed.
  static constexpr std::size_t kTile = 4;
  // Inputs of a step: two pairs.
  static constexpr std::size_t kStep = 4;

  static std::size_t panel_size(std::size_t inputs) {
    return round_up(inputs, kStep) * kPanel * sizeof(std::int16_t);
  }

  // For each 8 outputs, for each pair of inputs, 8 outputs x 2 inputs; zeros beyond N and K.
  static void pack(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data) {
    std::memset(data, 0, packed_size<PairsForm>(inputs, outputs));
    const std::size_t whole = inputs / 8 * 8;
    for (std::size_t n = 0; n < outputs; ++n, weight += inputs) {
      auto* column = reinterpret_cast<std::int16_t*>(data + n / kPanel * panel_size(inputs)) + n % kPanel * 2;
      for (std::size_t k = 0; k < whole; k += 8) {
        const v128_t w = wasm_i16x8_load8x8(weight + k);
        wasm_v128_store32_lane(column + k * kPanel, w, 0);
        wasm_v128_store32_lane(column + (k + 2) * kPanel, w, 1);
        wasm_v128_store32_lane(column + (k + 4) * kPanel, w, 2);
        wasm_v128_store32_lane(column + (k + 6) * kPanel, w, 3);
      }
      for (std::size_t k = whole; k < inputs; ++k) column[k / 2 * 2 * kPanel + k % 2] = weight[k];
    }
  }

  // Codes of the widened copy: from the first row to the end of the last.
  static std::size_t reach(std::size_t rows, std::size_t stride, std::size_t inputs) {
    return round_up((rows - 1) * stride + inputs, 8);
  }

  // A last step that begins inside may read past the copy; its weights are zero there.
  static std::size_t scratch_size(std::size_t rows, std::size_t stride, std::size_t inputs) {
    return (reach(rows, stride, inputs) + kStep) * sizeof(std::int16_t);
  }

  static const Operand* prepare(Rows a, std::size_t rows, std::size_t inputs, std::byte* scratch) {
    auto* widened = reinterpret_cast<std::int16_t*>(scratch);
    const std::size_t count = reach(rows, a.stride, inputs);
    for (std::size_t i = 0; i < count; i += 8) wasm_v128_store(widened + i, wasm_i16x8_load8x8(a.data + i));
    return widened;
  }

  template <std::size_t MR, std::size_t P>
  static void multiply(const Panels& group, std::size_t panel, std::size_t inputs, const Operand* a,
                       std::size_t stride, v128_t (&acc)[MR][2 * P]) {
    // Pointers that move, so that every load is one of them and a constant: an address computed from a
    // counter costs two instructions a load, and a fourteenth of the speed.
    const std::int16_t* weights[P];
    for (std::size_t p = 0; p < P; ++p)
      weights[p] = reinterpret_cast<const std::int16_t*>(group.first + (panel + p) * group.size);
    const Operand* row[MR];
    for (std::size_t r = 0; r < MR; ++r) row[r] = a + r * stride;
    const std::int16_t* const end = weights[0] + round_up(inputs, kStep) * kPanel;
    while (weights[0] != end) {
      for (std::size_t pair = 0; pair < kStep; pair += 2) {
        v128_t w[2 * P];
        for (std::size_t p = 0; p < P; ++p) {
          w[2 * p] = wasm_v128_load(weights[p] + pair * kPanel);
          w[2 * p + 1] = wasm_v128_load(weights[p] + pair * kPanel + 8);
        }
        for (std::size_t r = 0; r < MR; ++r) {
          const v128_t x = wasm_v128_load32_splat(row[r] + pair);
          for (std::size_t n = 0; n < 2 * P; ++n)
            acc[r][n] = wasm_i32x4_add(acc[r][n], wasm_i32x4_dot_i16x8(x, w[n]));
        }
      }
      for (std::size_t p = 0; p < P; ++p) weights[p] += kStep * kPanel;
      for (std::size_t r = 0; r < MR; ++r) row[r] += kStep;
    }
  }
};

}  // namespace byteflow
