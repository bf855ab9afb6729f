// A backend's kernels with a clock around each, which stands still until times are asked for. find_backend
// gives these in this program (CMakeLists.txt); the core's own stay as they are.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace byteflow {

const Kernels& timed_scalar_kernels();
#ifdef BYTEFLOW_SIMD128
const Kernels& timed_simd128_kernels();
#endif
#ifdef BYTEFLOW_RELAXED
const Kernels* timed_relaxed_kernels();
#endif

namespace bench {

struct KernelTime {
  std::string kernel;
  std::size_t inputs = 0, outputs = 0;  // of a gemm
  double calls = 0, macs = 0, seconds = 0;
};

// Between the two every call of a timed kernel is noted: one entry a kernel and, of gemm, one a shape. The
// clock's own cost is taken off. At other times a timed kernel is as fast as the real one.
void start_timing();
std::vector<KernelTime> stop_timing();

}  // namespace bench
}  // namespace byteflow
