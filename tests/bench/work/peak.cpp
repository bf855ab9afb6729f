#include "peak.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#elif defined BYTEFLOW_SIMD128
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#endif

namespace byteflow::bench {

namespace {

#ifdef BYTEFLOW_SIMD128
// Chains that do not wait for one another. A chain's multiplication and addition take up to 6 cycles, in
// which an engine can start 2 a cycle: 12 chains, an operand and a product fill 14 of 16 registers. GCC
// spills from 10 on.
#ifdef __wasm__
constexpr std::size_t kChains = 12;
#else
constexpr std::size_t kChains = 8;
#endif

// What a compiler knows it writes into the loop as constants, which engines load anew each time.
volatile std::int8_t seed = 3;

template <typename MultiplyAdd>
std::int32_t loop(std::size_t rounds, MultiplyAdd multiply_add) {
  const v128_t operand = wasm_i8x16_splat(seed);
  v128_t acc[kChains];
  for (v128_t& value : acc) value = wasm_i32x4_splat(seed);
  // A chain multiplies itself: no product is the same twice, or it would be computed once.
  for (std::size_t i = 0; i < rounds; ++i)
    for (v128_t& value : acc) value = multiply_add(operand, value, value);
  v128_t total = acc[0];
  for (std::size_t j = 1; j < kChains; ++j) total = wasm_i32x4_add(total, acc[j]);
  return wasm_i32x4_extract_lane(total, 0) + wasm_i32x4_extract_lane(total, 1) +
         wasm_i32x4_extract_lane(total, 2) + wasm_i32x4_extract_lane(total, 3);
}

std::int32_t dot_i16x8(std::size_t rounds) {
  return loop(rounds,
              [](v128_t a, v128_t b, v128_t acc) { return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(a, b)); });
}
#endif

#ifdef __wasm_relaxed_simd__
std::int32_t relaxed_dot_i8x16(std::size_t rounds) {
  return loop(rounds, [](v128_t a, v128_t b, v128_t acc) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, acc);
  });
}
#endif

}  // namespace

std::optional<Peak> peak_of([[maybe_unused]] std::string_view backend) {
#ifdef BYTEFLOW_SIMD128
  if (backend == "simd128") return Peak{"i32x4.dot_i16x8_s + i32x4.add", kChains * 8, dot_i16x8};
#endif
#ifdef __wasm_relaxed_simd__
  if (backend == "relaxed")
    return Peak{"i32x4.relaxed_dot_i8x16_i7x16_add_s", kChains * 16, relaxed_dot_i8x16};
#endif
  return std::nullopt;
}

}  // namespace byteflow::bench
