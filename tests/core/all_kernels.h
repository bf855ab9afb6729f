// Every set of kernels that can run here, and a packed weight for any of them.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "kernels/kernels.h"
#include "relaxed_dots.h"

namespace byteflow {

// Scalar, the oracle, first.
inline const std::vector<const Kernels*>& all_kernels() {
  static const std::vector<const Kernels*> all = {
      &scalar_kernels(),
#ifdef BYTEFLOW_SIMD128
      &simd128_pairs_kernels(),
      &simd128_extmul_kernels(),
      exact_relaxed_kernels<SignedDot>(),
      exact_relaxed_kernels<UnsignedDot>(),
#endif
#ifdef BYTEFLOW_RELAXED
      relaxed_kernels() != nullptr ? relaxed_kernels() : &scalar_kernels(),
#endif
  };
  return all;
}

struct Packed {
  Packed(const Kernels& kernels, const std::vector<std::int8_t>& weight, std::size_t inputs,
         std::size_t outputs, std::vector<std::int32_t> biases, std::vector<float> multipliers)
      : data(kernels.packed_size(inputs, outputs)),
        bias(std::move(biases)),
        multiplier(std::move(multipliers)) {
    kernels.pack(weight.data(), inputs, outputs, data.data());
    packed = {inputs, outputs, data, std::span(bias).first(outputs), multiplier};
  }

  void gemm(const Kernels& kernels, Rows a, std::size_t rows, const Residual* residual,
            std::int32_t zero_point, std::int8_t* out, std::size_t out_stride) {
    std::vector<std::byte> scratch(kernels.gemm_scratch(rows, a.stride, packed.inputs));
    kernels.gemm(packed, a, rows, residual, zero_point, out, out_stride, scratch.data());
  }

  std::vector<std::byte> data;
  std::vector<std::int32_t> bias;
  std::vector<float> multiplier;
  PackedWeight packed;
};

}  // namespace byteflow
