#include "layers/dense.h"

#include "quant/requantize.h"

namespace byteflow {

PackedWeight allocate_dense(const Kernels& kernels, std::size_t inputs, std::size_t outputs, Arena& arena) {
  return {inputs, outputs, arena.take<std::byte>(kernels.packed_size(inputs, outputs)),
          arena.take<std::int32_t>(outputs), arena.take<float>(outputs)};
}

void prepare_dense(const Kernels& kernels, const Dense& dense, Activation input,
                   std::span<const float> output_scales, PackedWeight& packed) {
  kernels.pack(dense.weight.data(), packed.inputs, packed.outputs, packed.data.data());
  const std::size_t group = packed.outputs / output_scales.size();
  for (std::size_t n = 0; n < packed.outputs; ++n) {
    std::int32_t sum = 0;
    for (const std::int8_t w : dense.weight.subspan(n * packed.inputs, packed.inputs)) sum += w;
    packed.bias[n] = dense.bias[n] - input.zero_point * sum;
    packed.multiplier[n] = multiplier(input.scale, dense.scales[n], output_scales[n / group]);
  }
}

}  // namespace byteflow
