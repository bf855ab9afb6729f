// A quantized dense layer on the kernels' gemm: packs the weight, folds the input's zero point into the bias,
// derives the multipliers.
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

// Buffers for a layer of this shape.
PackedWeight allocate_dense(const Kernels& kernels, std::size_t inputs, std::size_t outputs, Arena& arena);

// Channel n requantizes by (input.scale * dense.scales[n]) / output_scale[n / group]: each `group` of outputs
// has its own scale.
void prepare_dense(const Kernels& kernels, const Dense& dense, Activation input,
                   std::span<const float> output_scales, PackedWeight& packed);

}  // namespace byteflow
