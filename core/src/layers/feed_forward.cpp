#include "layers/feed_forward.h"

#include "layers/dense.h"
#include "quant/norm_epsilon.h"

namespace byteflow {

void FeedForward::allocate(const Kernels& kernels, std::size_t channels, std::size_t width, Arena& arena) {
  up_ = allocate_dense(kernels, channels, width, arena);
  down_ = allocate_dense(kernels, width, channels, arena);
}

void FeedForward::prepare(const Kernels& kernels, const FeedForwardTensors& tensors, float norm_epsilon) {
  tensors_ = &tensors;
  epsilon_ = norm_epsilon_in_codes(norm_epsilon, up_.inputs, tensors.input.scale);
  prepare_dense(kernels, tensors.up, tensors.norm, {&tensors.up_code.scale, 1}, up_);
  prepare_dense(kernels, tensors.down, tensors.hidden, {&tensors.output.scale, 1}, down_);
}

void FeedForward::run(const Kernels& kernels, std::int8_t* x, std::size_t rows, std::int8_t* normed,
                      std::int8_t* hidden, std::byte* gemm_scratch) const {
  const FeedForwardTensors& t = *tensors_;
  const std::size_t channels = up_.inputs, width = up_.outputs;
  kernels.norm(x, rows, channels, epsilon_, t.norm.scale, t.norm.zero_point, normed);
  kernels.gemm(up_, {normed, channels}, rows, nullptr, t.up_code.zero_point, hidden, width, gemm_scratch);
  for (std::size_t i = 0; i < rows * width; ++i)
    hidden[i] = t.activation[static_cast<std::size_t>(hidden[i] + 128)];
  const Residual residual = {{x, channels}, t.input.zero_point, t.input.scale / t.output.scale};
  kernels.gemm(down_, {hidden, width}, rows, &residual, t.output.zero_point, x, channels, gemm_scratch);
}

}  // namespace byteflow
