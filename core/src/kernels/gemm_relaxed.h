// i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, activations, acc): 16 products an instruction. Engines differ
// in what they take the second operand for: signed bytes (Arm's sdot) or unsigned ones (x86's vpdpbusd), and
// some saturate in between. A form is written for each of the first two meanings; kernels/relaxed.h finds out
// which one holds, if any.
//
// `Dot::dot` is the instruction; tests put each of its meanings in its place.
#pragma once

#include "kernels/gemm_simd128.h"

namespace byteflow {

enum class SecondOperand { is_signed, is_unsigned };

template <typename Dot, SecondOperand kMeaning>
struct RelaxedForm {
  using Operand = std::int8_t;

  // Unsigned codes are code + 128; the weights' sums take the 128 out again.
  static constexpr bool kShifted = kMeaning == SecondOperand::is_unsigned;

  // 4 rows x 8 outputs, or one row x 32: 8 accumulators. vpdpbusd and sdot take 4 cycles and start twice a
  // cycle, so 8 sums keep them busy.
  static constexpr std::size_t kTileRows = 4;
  static constexpr std::size_t kWidePanels = 4;
  static constexpr std::size_t kStep = 4;  // inputs that one lane of the instruction adds up

  // Eight corrections, then the weights.
  static std::size_t panel_size(std::size_t inputs) {
    return kPanel * sizeof(std::int32_t) + round_up(inputs, kStep) * kPanel;
  }

  // For each 8 outputs: -128 * sum of the weights [8], then for each 4 inputs 8 outputs x 4 inputs; zeros
  // beyond N and K.
  static void pack(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data) {
    std::memset(data, 0, packed_size<RelaxedForm>(inputs, outputs));
    const std::size_t whole = inputs / 16 * 16;
    for (std::size_t n = 0; n < outputs; ++n, weight += inputs) {
      std::byte* panel = data + n / kPanel * panel_size(inputs);
      std::byte* column = panel + kPanel * sizeof(std::int32_t) + n % kPanel * kStep;
      v128_t sums = wasm_i32x4_splat(0);
      for (std::size_t k = 0; k < whole; k += 16) {
        const v128_t w = wasm_v128_load(weight + k);
        wasm_v128_store32_lane(column + k * kPanel, w, 0);
        wasm_v128_store32_lane(column + (k + 4) * kPanel, w, 1);
        wasm_v128_store32_lane(column + (k + 8) * kPanel, w, 2);
        wasm_v128_store32_lane(column + (k + 12) * kPanel, w, 3);
        sums = wasm_i32x4_add(sums, wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(w)));
      }
      std::int32_t sum = sum_lanes(sums);
      for (std::size_t k = whole; k < inputs; ++k) {
        column[k / kStep * kStep * kPanel + k % kStep] = static_cast<std::byte>(weight[k]);
        sum += weight[k];
      }
      const std::int32_t correction = kShifted ? -128 * sum : 0;
      std::memcpy(panel + n % kPanel * sizeof correction, &correction, sizeof correction);
    }
  }

  // Codes from the first row to the end of the last.
  static std::size_t reach(std::size_t rows, std::size_t stride, std::size_t inputs) {
    return round_up((rows - 1) * stride + inputs, 16);
  }

  // A last step that begins inside may read past the copy; its weights are zero there.
  static std::size_t scratch_size(std::size_t rows, std::size_t stride, std::size_t inputs) {
    return kShifted ? reach(rows, stride, inputs) + kStep : 0;
  }

  static const Operand* prepare(Rows a, std::size_t rows, std::size_t inputs, std::byte* scratch) {
    if (!kShifted) return a.data;
    auto* shifted = reinterpret_cast<std::int8_t*>(scratch);
    const std::size_t count = reach(rows, a.stride, inputs);
    const v128_t top_bit = wasm_i8x16_splat(-128);
    for (std::size_t i = 0; i < count; i += 16)
      wasm_v128_store(shifted + i, wasm_v128_xor(wasm_v128_load(a.data + i), top_bit));
    return shifted;
  }

  static v128_t correction(const std::byte* panel, std::size_t half) {
    return wasm_v128_load(panel + half * 16);
  }

  template <std::size_t MR, std::size_t P>
  static void multiply(const std::byte* const (&packed)[P], std::size_t inputs, const Operand* a,
                       std::size_t stride, v128_t (&acc)[MR][2 * P]) {
    // Pointers that move, as in gemm_pairs.h.
    const std::byte* weights[P];
    for (std::size_t p = 0; p < P; ++p) weights[p] = packed[p] + kPanel * sizeof(std::int32_t);
    const Operand* row[MR];
    for (std::size_t r = 0; r < MR; ++r) row[r] = a + r * stride;
    const std::byte* const end = weights[0] + round_up(inputs, kStep) * kPanel;
    while (weights[0] != end) {
      v128_t w[2 * P];
      for (std::size_t p = 0; p < P; ++p) {
        w[2 * p] = wasm_v128_load(weights[p]);
        w[2 * p + 1] = wasm_v128_load(weights[p] + 16);
        weights[p] += kStep * kPanel;
      }
      for (std::size_t r = 0; r < MR; ++r) {
        const v128_t x = wasm_v128_load32_splat(row[r]);
        row[r] += kStep;
        for (std::size_t n = 0; n < 2 * P; ++n) acc[r][n] = Dot::dot(w[n], x, acc[r][n]);
      }
    }
  }
};

}  // namespace byteflow
