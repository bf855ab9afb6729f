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

// Four copies of a constant, read from memory. V8 makes a vector that it knows anew wherever it is used,
// loops included, by three instructions; one that was read it keeps in a register. The compiler would see
// through the reading, so it is not told where from.
inline v128_t constant(const std::int32_t& value) {
  const std::int32_t* from = &value;
  __asm__("" : "+r"(from));
  return wasm_v128_load32_splat(from);
}

// Eight float values as eight codes in the low half: clamp8(rint(x) + zero_point), as requantize does
// (quant/requantize.h). One object serves a loop.
//
// 1.5 * 2^23 has an ulp of 1, so adding it rounds half to even, and the sum's bits minus its own are the
// integer. That holds up to 2^22; the clamp to +-1024, which no zero point brings back into a code, keeps
// within it. The engine's own rounding and saturating conversion take three times as many instructions on
// x86-64.
class ToCodes {
 public:
  explicit ToCodes(std::int32_t zero_point)
      : most_(constant(kMost)),
        least_(constant(kLeast)),
        magic_(constant(kMagic)),
        zero_point_(wasm_i16x8_splat(static_cast<std::int16_t>(zero_point))) {}

  v128_t operator()(v128_t low, v128_t high) const {
    const v128_t narrow = wasm_i16x8_narrow_i32x4(integer(low), integer(high));
    const v128_t codes = wasm_i16x8_add(narrow, zero_point_);  // 1024 + 127 fits int16
    return wasm_i8x16_narrow_i16x8(codes, codes);
  }

 private:
  v128_t integer(v128_t x) const {
    return wasm_i32x4_sub(wasm_f32x4_add(wasm_f32x4_pmin(most_, wasm_f32x4_pmax(least_, x)), magic_), magic_);
  }

  static constexpr std::int32_t kMost = 0x44800000;    // 1024.0f
  static constexpr std::int32_t kLeast = -0x3B800000;  // 0xC4800000, -1024.0f
  static constexpr std::int32_t kMagic = 0x4B400000;   // 0x1.8p23f

  v128_t most_, least_, magic_, zero_point_;
};

// The low `count` codes, at most eight. By lanes and not by memcpy: a call in a loop costs every vector that
// the loop keeps in a register.
inline void store_codes(std::int8_t* out, v128_t codes, std::size_t count) {
  if (count >= 8) {
    wasm_v128_store64_lane(out, codes, 0);
    return;
  }
  if (count & 4) {
    wasm_v128_store32_lane(out, codes, 0);
    codes = wasm_u64x2_shr(codes, 32);
    out += 4;
  }
  if (count & 2) {
    wasm_v128_store16_lane(out, codes, 0);
    codes = wasm_u64x2_shr(codes, 16);
    out += 2;
  }
  if (count & 1) wasm_v128_store8_lane(out, codes, 0);
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
