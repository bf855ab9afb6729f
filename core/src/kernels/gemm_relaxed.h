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

  // 12 accumulators: vpdpbusd takes 5 cycles and starts twice a cycle, so 10 sums keep it busy. With two
  // vectors of weights and an activation, or the other way about, they are the 15 registers that V8 gives on
  // x86-64.
  static constexpr std::size_t kTile = 6;
  static constexpr std::size_t kStep = 4;  // inputs that one lane of the instruction adds up
  static constexpr std::size_t kStepBytes = kStep * kPanel;

  // Eight corrections, then the weights.
  static std::size_t panel_size(std::size_t inputs) {
    return kPanel * sizeof(std::int32_t) + round_up(inputs, kStep) * kPanel;
  }

  // A group's corrections, then its weights.
  struct Panels {
    const std::byte* correction;  // int32 of 8 outputs a panel
    const std::byte* weights;     // of the first step
    std::size_t stride;           // bytes from a step to the next
  };

  static Panels panels(const std::byte* data, std::size_t first, std::size_t panels, std::size_t inputs) {
    const std::byte* group = data + first * panel_size(inputs);
    return {group, group + panels * kPanel * sizeof(std::int32_t), panels * kStepBytes};
  }

  // -128 * sum of the weights [8] for each panel of a group, then for each 4 inputs and each panel 8 outputs
  // x 4 inputs; zeros beyond N and K.
  static void pack(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data) {
    std::memset(data, 0, packed_size<RelaxedForm>(inputs, outputs));
    const std::size_t whole = inputs / 16 * 16, all = round_up(outputs, kPanel) / kPanel;
    for (std::size_t n = 0; n < outputs; ++n, weight += inputs) {
      const std::size_t panel = n / kPanel, first = panel / kTile * kTile;
      const Panels group = panels(data, first, std::min(kTile, all - first), inputs);
      std::byte* column = data + (group.weights - data) + (panel - first) * kStepBytes + n % kPanel * kStep;
      v128_t sums = wasm_i32x4_splat(0);
      for (std::size_t k = 0; k < whole; k += 16, column += 4 * group.stride) {
        const v128_t w = wasm_v128_load(weight + k);
        wasm_v128_store32_lane(column, w, 0);
        wasm_v128_store32_lane(column + group.stride, w, 1);
        wasm_v128_store32_lane(column + 2 * group.stride, w, 2);
        wasm_v128_store32_lane(column + 3 * group.stride, w, 3);
        sums = wasm_i32x4_add(sums, wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(w)));
      }
      std::int32_t sum = sum_lanes(sums);
      for (std::size_t k = whole; k < inputs; ++k) {
        column[(k - whole) / kStep * group.stride + k % kStep] = static_cast<std::byte>(weight[k]);
        sum += weight[k];
      }
      const std::int32_t correction = kShifted ? -128 * sum : 0;
      std::memcpy(data + (group.correction - data) + (n - first * kPanel) * sizeof correction, &correction,
                  sizeof correction);
    }
  }

  // Codes of a row as multiply reads it.
  static std::size_t row_size(std::size_t, std::size_t inputs) { return round_up(inputs, kStep); }

  static std::size_t scratch_size(std::size_t rows, std::size_t stride, std::size_t inputs) {
    return rows * row_size(stride, inputs) + 16;  // the last row is written by whole vectors
  }

  // For each tile of rows, for each 4 inputs, the tile's rows x 4 inputs: one pointer reads them all, where
  // one a row would be more than V8 has registers for. What is read beyond K meets weights of zero.
  static const Operand* prepare(Rows a, std::size_t rows, std::size_t inputs, std::byte* scratch) {
    const std::size_t size = row_size(a.stride, inputs);
    for_each_tile<RelaxedForm>(rows, [&]<std::size_t kRows>(std::size_t first) {
      side_by_side<kRows>({a.data + first * a.stride, a.stride}, inputs, scratch + first * size);
    });
    return reinterpret_cast<const Operand*>(scratch);
  }

  static v128_t correction(const Panels& panels, std::size_t half) {
    return wasm_v128_load(panels.correction + half * 16);
  }

  template <std::size_t MR, std::size_t P>
  static void multiply(const Panels& group, std::size_t panel, std::size_t inputs, const Operand* a,
                       std::size_t, v128_t (&acc)[MR][2 * P]) {
    const std::byte* weights = group.weights + panel * kStepBytes;
    const Operand* const end = a + MR * round_up(inputs, kStep);
    while (a != end) {
      // Keeps the weights or the activations of a step, whichever are fewer, and reads the others one by one.
      if constexpr (MR >= 2 * P) {
        v128_t w[2 * P];
        for (std::size_t n = 0; n < 2 * P; ++n) w[n] = wasm_v128_load(weights + 16 * n);
        for (std::size_t r = 0; r < MR; ++r) {
          const v128_t x = wasm_v128_load32_splat(a + r * kStep);
          for (std::size_t n = 0; n < 2 * P; ++n) acc[r][n] = Dot::dot(w[n], x, acc[r][n]);
        }
      } else {
        v128_t x[MR];
        for (std::size_t r = 0; r < MR; ++r) x[r] = wasm_v128_load32_splat(a + r * kStep);
        for (std::size_t n = 0; n < 2 * P; ++n) {
          const v128_t w = wasm_v128_load(weights + 16 * n);
          for (std::size_t r = 0; r < MR; ++r) acc[r][n] = Dot::dot(w, x[r], acc[r][n]);
        }
      }
      weights += group.stride;
      a += MR * kStep;
    }
  }

 private:
  static constexpr std::int32_t kTopBits = -0x7F7F7F80, kNoBits = 0;  // 0x80808080

  // One tile of prepare.
  template <std::size_t kRows>
  static void side_by_side(Rows a, std::size_t inputs, std::byte* out) {
    const v128_t top_bit = constant(kShifted ? kTopBits : kNoBits);
    const auto codes = [&](v128_t x) { return wasm_v128_xor(x, top_bit); };
    if constexpr (kRows == 1) {
      for (std::size_t k = 0; k < inputs; k += 16)
        wasm_v128_store(out + k, codes(wasm_v128_load(a.data + k)));
    } else {
      const std::size_t whole = inputs / 16 * 16;
      constexpr std::size_t kBytes = kRows * kStep;  // of a step
      for (std::size_t r = 0; r < kRows; r += 2) {
        const std::int8_t* row[] = {a.data + r * a.stride, a.data + (r + 1) * a.stride};
        std::byte* to = out + r * kStep;
        for (std::size_t k = 0; k < whole; k += 16, to += 4 * kBytes) {
          const v128_t x = codes(wasm_v128_load(row[0] + k)), y = codes(wasm_v128_load(row[1] + k));
          const v128_t low = wasm_i32x4_shuffle(x, y, 0, 4, 1, 5);
          const v128_t high = wasm_i32x4_shuffle(x, y, 2, 6, 3, 7);
          wasm_v128_store64_lane(to, low, 0);
          wasm_v128_store64_lane(to + kBytes, low, 1);
          wasm_v128_store64_lane(to + 2 * kBytes, high, 0);
          wasm_v128_store64_lane(to + 3 * kBytes, high, 1);
        }
        for (std::size_t k = whole; k < inputs; k += kStep, to += kBytes)
          for (std::size_t i = 0; i < 2; ++i)
            wasm_v128_store32_lane(to + i * kStep, codes(wasm_v128_load32_zero(row[i] + k)), 0);
      }
    }
  }
};

}  // namespace byteflow
