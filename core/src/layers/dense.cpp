#include "layers/dense.h"

#include <array>

#include "model/limits.h"
#include "quant/requantize.h"

namespace byteflow {

PackedWeight allocate_dense(const Kernels& kernels, std::size_t inputs, std::size_t outputs, Arena& arena) {
  return {inputs, outputs, arena.take<std::byte>(kernels.packed_size(inputs, outputs)),
          arena.take<std::int32_t>(outputs), arena.take<float>(outputs)};
}

void prepare_dense(const Kernels& kernels, const Dense& dense, Activation input,
                   std::span<const float> output_scales, PackedWeight& packed) {
  static constexpr auto kOnes = [] {
    std::array<std::int8_t, kMaxInputs + kSlack> ones = {};
    ones.fill(1);
    return ones;
  }();
  kernels.pack(dense.weight.data(), packed.inputs, packed.outputs, packed.data.data());
  kernels.dot({dense.weight.data(), packed.inputs}, packed.outputs, 0, kOnes.data(), packed.inputs, 1,
              packed.bias.data());  // the sum of each channel's weights
  const std::size_t group = packed.outputs / output_scales.size();
  for (std::size_t n = 0; n < packed.outputs; ++n) {
    packed.bias[n] = dense.bias[n] - input.zero_point * packed.bias[n];
    packed.multiplier[n] = multiplier(input.scale, dense.scales[n], output_scales[n / group]);
  }
}

}  // namespace byteflow
