#include <limits>

#include "kernels/gemm_extmul.h"
#include "kernels/gemm_pairs.h"
#include "kernels/simd128_table.h"

namespace byteflow {

namespace {

// inf - inf is a NaN whose sign is set on x86 and clear on Arm: XNNPACK's way to tell them apart where no CPU
// flags are to be had.
bool is_x86() {
  const volatile float infinity = std::numeric_limits<float>::infinity();
  const float nan = infinity - infinity;
  std::uint32_t bits;
  std::memcpy(&bits, &nan, sizeof bits);
  return bits >> 31 != 0;
}

}  // namespace

const Kernels& simd128_pairs_kernels() {
  static constexpr Kernels kernels = simd128_table<PairsForm>("simd128");
  return kernels;
}

const Kernels& simd128_extmul_kernels() {
  static constexpr Kernels kernels = simd128_table<ExtmulForm>("simd128");
  return kernels;
}

const Kernels& simd128_kernels() { return is_x86() ? simd128_pairs_kernels() : simd128_extmul_kernels(); }

}  // namespace byteflow
