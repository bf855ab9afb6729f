// The 128-bit intrinsics: WebAssembly's own, and natively the same through SIMDe, so that sanitizers see the
// very code that ships.
#pragma once

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace byteflow {

// Eight float values as eight codes in the low half: clamp8(rint(x) + zero_point), as requantize does
// (quant/requantize.h).
//
// 1.5 * 2^23 has an ulp of 1, so adding it rounds half to even, and the sum's bits minus its own are the
// integer. That holds up to 2^22; the clamp to +-1024, which no zero point brings back into a code, keeps
// within it. The engine's own rounding and saturating conversion take three times as many instructions on
// x86-64.
inline v128_t to_codes(v128_t low, v128_t high, v128_t zero_point) {
  const v128_t most = wasm_f32x4_splat(1024.0f), least = wasm_f32x4_splat(-1024.0f);
  const v128_t magic = wasm_f32x4_splat(0x1.8p23f);
  low = wasm_f32x4_add(wasm_f32x4_pmin(most, wasm_f32x4_pmax(least, low)), magic);
  high = wasm_f32x4_add(wasm_f32x4_pmin(most, wasm_f32x4_pmax(least, high)), magic);
  const v128_t narrow = wasm_i16x8_narrow_i32x4(wasm_i32x4_sub(low, magic), wasm_i32x4_sub(high, magic));
  const v128_t codes = wasm_i16x8_add(narrow, zero_point);  // 1024 + 127 fits int16
  return wasm_i8x16_narrow_i16x8(codes, codes);
}

// The low `count` codes, at most eight.
inline void store_codes(std::int8_t* out, v128_t codes, std::size_t count) {
  if (count >= 8) {
    wasm_v128_store64_lane(out, codes, 0);
  } else {
    std::int8_t lanes[16];
    wasm_v128_store(lanes, codes);
    std::memcpy(out, lanes, count);
  }
}

// Eight codes minus a zero point, as int16.
inline v128_t centred8(const std::int8_t* codes, v128_t zero_point) {
  return wasm_i16x8_sub(wasm_i16x8_load8x8(codes), zero_point);
}

inline std::int32_t sum_lanes(v128_t x) {
  return wasm_i32x4_extract_lane(x, 0) + wasm_i32x4_extract_lane(x, 1) + wasm_i32x4_extract_lane(x, 2) +
         wasm_i32x4_extract_lane(x, 3);
}

// Lane i of the result is the sum of the lanes of v[i], i < 4.
inline v128_t sums_of_lanes(const v128_t* v) {
  const v128_t first =
      wasm_i32x4_add(wasm_i32x4_shuffle(v[0], v[1], 0, 4, 1, 5), wasm_i32x4_shuffle(v[0], v[1], 2, 6, 3, 7));
  const v128_t second =
      wasm_i32x4_add(wasm_i32x4_shuffle(v[2], v[3], 0, 4, 1, 5), wasm_i32x4_shuffle(v[2], v[3], 2, 6, 3, 7));
  return wasm_i32x4_add(wasm_i32x4_shuffle(first, second, 0, 1, 4, 5),
                        wasm_i32x4_shuffle(first, second, 2, 3, 6, 7));
}

}  // namespace byteflow
