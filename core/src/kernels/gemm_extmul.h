// i16x8.extmul + i32x4.extadd_pairwise, on Arm smull + smlal2 + sadalp: int8 weights and activations, 16
// inputs at a time, no copy of either.
#pragma once

#include "kernels/gemm_simd128.h"

namespace byteflow {

struct ExtmulForm : PanelByPanel<ExtmulForm> {
  using Operand = std::int8_t;

  // 2 rows x 8 outputs: each accumulator holds one output's four partial sums, so 16 accumulators, 2
  // activation vectors, a weight and a product are 20 of Arm's 32 registers.
  static constexpr std::size_t kTile = 2;
  static constexpr std::size_t kStep = 16;

  static std::size_t panel_size(std::size_t inputs) { return round_up(inputs, kStep) * kPanel; }

  // For each 8 outputs, for each 16 inputs, 8 outputs x 16 inputs; zeros beyond N and K.
  static void pack(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data) {
    auto* out = reinterpret_cast<std::int8_t*>(data);
    for (std::size_t panel = 0; panel < outputs; panel += kPanel)
      for (std::size_t step = 0; step < inputs; step += kStep)
        for (std::size_t n = panel; n < panel + kPanel; ++n)
          for (std::size_t k = step; k < step + kStep; ++k)
            *out++ = n < outputs && k < inputs ? weight[n * inputs + k] : std::int8_t{0};
  }

  static std::size_t scratch_size(std::size_t, std::size_t, std::size_t) { return 0; }
  static const Operand* prepare(Rows a, std::size_t, std::size_t, std::byte*) { return a.data; }

  template <std::size_t MR, std::size_t P>
  static void multiply(const Panels& group, std::size_t panel, std::size_t inputs, const Operand* a,
                       std::size_t stride, v128_t (&acc)[MR][2 * P]) {
    v128_t partial[MR][kPanel * P];
    for (auto& row : partial)
      for (v128_t& sums : row) sums = wasm_i32x4_splat(0);
    for (std::size_t k = 0; k < inputs; k += kStep) {
      v128_t x[MR];
      for (std::size_t r = 0; r < MR; ++r) x[r] = wasm_v128_load(a + r * stride + k);
      for (std::size_t p = 0; p < P; ++p) {
        for (std::size_t n = 0; n < kPanel; ++n) {
          const v128_t w = wasm_v128_load(group.first + ((panel + p) * group.size + k * kPanel + n * kStep));
          for (std::size_t r = 0; r < MR; ++r) {
            // Weights lie in [-127, 127]: two products are at most 2 * 128 * 127 = 32,512 and fit int16.
            const v128_t products =
                wasm_i16x8_add(wasm_i16x8_extmul_low_i8x16(x[r], w), wasm_i16x8_extmul_high_i8x16(x[r], w));
            v128_t& sums = partial[r][p * kPanel + n];
            sums = wasm_i32x4_add(sums, wasm_i32x4_extadd_pairwise_i16x8(products));
          }
        }
      }
    }
    for (std::size_t r = 0; r < MR; ++r)
      for (std::size_t half = 0; half < 2 * P; ++half)
        acc[r][half] = wasm_i32x4_add(acc[r][half], sums_of_lanes(partial[r] + 4 * half));
  }
};

}  // namespace byteflow
