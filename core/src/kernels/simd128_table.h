// A backend of the SIMD row operations and one form of gemm.
#pragma once

#include "kernels/attention.h"
#include "kernels/gemm_simd128.h"
#include "kernels/rows_simd128.h"

namespace byteflow {

template <typename Form>
constexpr Kernels simd128_table(std::string_view name) {
  return {name,
          packed_size<Form>,
          Form::pack,
          Form::scratch_size,
          SimdGemm<Form>::run,
          simd128::dot,
          simd128::embed,
          simd128::mix,
          simd128::norm,
          simd128::fo_pool,
          simd128::pool,
          simd128::attention_scores,
          simd128::attention_mix};
}

}  // namespace byteflow
