// Faults that fuzz_kernels must find: one backend errs, or all write where they may not.
const rows = 'core/src/kernels/rows_simd128.cpp';
const attention = 'core/src/kernels/attention_simd128.cpp';
const scalar = 'core/src/kernels/scalar.cpp';
const simd = 'core/src/kernels/simd.h';

export const kernels = [
  {
    name: 'codes: half is rounded away from zero',
    file: 'core/src/quant/requantize.h',
    from: 'std::clamp(std::nearbyint(x), -1024.0f, 1024.0f)',
    to: 'std::clamp(std::round(x), -1024.0f, 1024.0f)',
  },
  {
    name: 'codes: the clamp before the conversion is at int16, not at 1,024',
    file: simd,
    from: 'kMost = 0x44800000;    // 1024.0f\n  static constexpr std::int32_t kLeast = -0x3B800000;',
    to: 'kMost = 0x46FFFE00;    // 32767.0f\n  static constexpr std::int32_t kLeast = -0x39000000;',
  },
  {
    name: 'codes: eight are stored where fewer are asked for',
    file: simd,
    from: 'if (count >= 8) {',
    to: 'if (count >= 1) {',
  },
  {
    name: 'codes: of fewer than eight, those after the fourth are the first again',
    file: simd,
    from: 'codes = wasm_u64x2_shr(codes, 32);',
    to: '',
  },
  {
    name: 'gemm, pairs: the last odd input is left out',
    file: 'core/src/kernels/gemm_pairs.h',
    from: 'for (std::size_t k = whole; k < inputs; ++k) column',
    to: 'for (std::size_t k = whole; k < inputs / 2 * 2; ++k) column',
  },
  {
    name: 'gemm, pairs: the scratch is a step too short',
    file: 'core/src/kernels/gemm_pairs.h',
    from: '(reach(rows, stride, inputs) + kStep) * sizeof(std::int16_t)',
    to: 'reach(rows, stride, inputs) * sizeof(std::int16_t)',
  },
  {
    name: 'gemm, extmul: pairs of products are added as if they were unsigned',
    file: 'core/src/kernels/gemm_extmul.h',
    from: 'wasm_i32x4_extadd_pairwise_i16x8(products)',
    to: 'wasm_u32x4_extadd_pairwise_u16x8(products)',
  },
  {
    name: 'gemm, relaxed: the correction of unsigned codes is 127 times the weights',
    file: 'core/src/kernels/gemm_relaxed.h',
    from: 'kShifted ? -128 * sum : 0',
    to: 'kShifted ? -127 * sum : 0',
  },
  {
    name: 'gemm: a residual is read a row too high in the last rows',
    file: 'core/src/kernels/gemm_simd128.h',
    from: 'residual_->rows.data + row * residual_->rows.stride + column',
    to: 'residual_->rows.data + (row > 4 ? row - 1 : row) * residual_->rows.stride + column',
  },
  {
    name: 'dot: inputs beyond whole steps are left out',
    file: rows,
    from: 'for (std::size_t k = whole; k < inputs; ++k) total',
    to: 'for (std::size_t k = whole; k + 1 < inputs; ++k) total',
  },
  {
    name: 'embed: the taps after the text are those of its last byte',
    file: rows,
    from: 'if (position >= ids.size()) continue;\n        const std::int32_t* row = table + (ids[position]',
    to: 'if (position > ids.size() + width) continue;\n        const std::int32_t* row = table + (ids[std::min(position, ids.size() - 1)]',
  },
  {
    name: 'embed: sixteen channels are written where fewer are left',
    file: rows,
    from: 'const std::size_t count = std::min<std::size_t>(16, channels - n);\n      for (std::size_t i = 0; i < count; ++i) out[n + i]',
    to: 'for (std::size_t i = 0; i < 16; ++i) out[n + i]',
  },
  {
    name: 'mix: coefficients are unsigned',
    file: rows,
    from: 'const v128_t share = wasm_i16x8_splat(coefficients[p]);',
    to: 'const v128_t share = wasm_i16x8_abs(wasm_i16x8_splat(coefficients[p]));',
  },
  {
    name: 'norm: the square of the sum overflows int32',
    file: 'core/src/kernels/layer_norm.h',
    from: 'static_cast<std::int64_t>(sum) * sum',
    to: 'sum * sum',
  },
  {
    name: 'norm: the squares of the last channels do not count',
    file: rows,
    from: 'squares += x[c] * x[c];',
    to: 'squares += c + 1 < channels ? x[c] * x[c] : 0;',
  },
  {
    name: 'fo_pool: the carry is that of an earlier call',
    file: rows,
    from: 'std::fill_n(carry, state, std::int16_t{0});',
    to: '',
  },
  {
    name: 'fo_pool: an output is rounded by 63, not by 64',
    file: rows,
    from: 'kHalves = 0x00400040;',
    to: 'kHalves = 0x003F003F;',
  },
  {
    name: 'pool: the maximum begins within the codes minus a zero point',
    file: rows,
    from: 'wasm_i16x8_splat(-512)',
    to: 'wasm_i16x8_splat(-200)',
  },
  {
    name: 'pool: a mean is rounded down',
    file: scalar,
    from: 'pooled[c] = round_to_int32(static_cast<float>(acc) * 0x1p-15f);',
    to: 'pooled[c] = acc >> 15;',
  },
  {
    name: 'attention_scores: what follows a row of keys counts',
    file: attention,
    from: 'for (std::size_t c = whole; c < width; ++c) lanes',
    to: 'for (std::size_t c = whole; c < std::min(whole + kStep, query.stride); ++c) lanes',
  },
  {
    name: 'attention_scores: the last key stands for the one before it',
    file: attention,
    from: 'std::min(u + half * kScoreKeys + i, time - 1)',
    to: 'std::min(u + half * kScoreKeys + i, time > 9 ? time - 2 : time - 1)',
  },
  {
    name: 'attention_mix: the share after the last counts once more',
    file: attention,
    from: 'if (u < time) step(row(u), wasm_i16x8_splat(0), u);',
    to: 'if (u < time) step(row(u), row(u), u);',
  },
];
