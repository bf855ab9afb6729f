#include "kernels/relaxed.h"

#ifndef __wasm_relaxed_simd__
#error "the relaxed backend is for engines with relaxed SIMD"
#endif

namespace byteflow {

namespace {

struct EngineDot {
  static v128_t dot(v128_t weights, v128_t activations, v128_t acc) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, acc);
  }
};

}  // namespace

const Kernels* relaxed_kernels() { return exact_relaxed_kernels<EngineDot>(); }

}  // namespace byteflow
