// Which meaning an engine gives to relaxed dot products, and whether the real kernels are exact with it.
#pragma once

#include "kernels/gemm_relaxed.h"
#include "kernels/simd128_table.h"

namespace byteflow {

// Whether gemm gives what scalar gives, on operands at both ends of their ranges and every shape of tile.
bool gemm_is_exact(const Kernels& kernels);

// The relaxed backend on this engine, or null where its dot product saturates or means something else.
template <typename Dot>
const Kernels* exact_relaxed_kernels() {
  static constexpr Kernels with_signed = simd128_table<RelaxedForm<Dot, SecondOperand::is_signed>>("relaxed");
  static constexpr Kernels with_unsigned =
      simd128_table<RelaxedForm<Dot, SecondOperand::is_unsigned>>("relaxed");
  for (const Kernels* kernels : {&with_signed, &with_unsigned})
    if (gemm_is_exact(*kernels)) return kernels;
  return nullptr;
}

}  // namespace byteflow
