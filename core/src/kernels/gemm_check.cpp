#include <algorithm>

#include "kernels/relaxed.h"
#include "quant/requantize.h"

namespace byteflow {

bool gemm_is_exact(const Kernels& kernels) {
  // A tile of 6 rows, one of 2 and one of 1; a group of 6 panels and one of 2, the last a part of one; 5
  // steps of 4 inputs and a part of one.
  constexpr std::size_t kRows = 9, kInputs = 23, kOutputs = 61;
  alignas(16) std::byte packed[8'192], scratch[1'024];
  if (kernels.packed_size(kInputs, kOutputs) + kSlack > sizeof packed) return false;
  if (kernels.gemm_scratch(kRows, kInputs, kInputs) + kSlack > sizeof scratch) return false;

  std::int8_t weight[kOutputs * kInputs], a[kRows * kInputs + kSlack];
  std::int32_t bias[kOutputs];
  float multiplier[kOutputs];
  std::fill_n(multiplier, kOutputs, 1.0f);
  std::uint32_t seed = 1;
  const auto random = [&seed] {  // 0..255, by the generator of Numerical Recipes
    seed = seed * 1'664'525 + 1'013'904'223;
    return static_cast<std::int32_t>(seed >> 24);
  };
  for (int round = 0; round < 9; ++round) {
    for (std::int8_t& w : weight)
      w = static_cast<std::int8_t>(round / 3 == 0 ? 127 : round / 3 == 1 ? -127 : random() % 255 - 127);
    for (std::int8_t& x : a)
      x = static_cast<std::int8_t>(round % 3 == 0 ? -128 : round % 3 == 1 ? 127 : random() - 128);
    kernels.pack(weight, kInputs, kOutputs, packed);

    std::int32_t acc[kRows][kOutputs] = {};
    for (std::size_t r = 0; r < kRows; ++r)
      for (std::size_t n = 0; n < kOutputs; ++n)
        for (std::size_t k = 0; k < kInputs; ++k) acc[r][n] += a[r * kInputs + k] * weight[n * kInputs + k];

    // A bias that brings one row's sums down to codes shows each of its units.
    for (std::size_t shown = 0; shown < kRows; ++shown) {
      for (std::size_t n = 0; n < kOutputs; ++n) bias[n] = static_cast<std::int32_t>(n) - acc[shown][n];
      const PackedWeight w = {kInputs, kOutputs, packed, bias, multiplier};
      std::int8_t out[kRows * kOutputs + kSlack];
      for (const std::size_t rows : {kRows, std::size_t{1}}) {
        const std::size_t first = rows == 1 ? shown : 0;
        kernels.gemm(w, {a + first * kInputs, kInputs}, rows, nullptr, 0, out, kOutputs, scratch);
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t n = 0; n < kOutputs; ++n)
            if (out[r * kOutputs + n] != clamp8(acc[first + r][n] + bias[n])) return false;
      }
    }
  }
  return true;
}

}  // namespace byteflow
