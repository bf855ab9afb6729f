// The second half of a pre-norm block: LayerNorm, a hidden layer with an activation, and the residual (README
// section 7).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class FeedForward {
 public:
  void allocate(const Kernels& kernels, std::size_t channels, std::size_t width, Arena& arena);
  void prepare(const Kernels& kernels, const FeedForwardTensors& tensors, float norm_epsilon);

  // x [rows, channels] is replaced; normed [rows, channels] and hidden [rows, width] are scratch.
  void run(const Kernels& kernels, std::int8_t* x, std::size_t rows, std::int8_t* normed, std::int8_t* hidden,
           std::byte* gemm_scratch) const;

 private:
  const FeedForwardTensors* tensors_ = nullptr;
  float epsilon_ = 0;  // of the LayerNorm, in code units
  PackedWeight up_;    // [width, channels]
  PackedWeight down_;  // [channels, width]
};

}  // namespace byteflow
