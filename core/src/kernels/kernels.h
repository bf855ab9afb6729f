// What a backend must provide: the loops over tensors, each with one meaning (core/src/quant/README.md) and
// one implementation a backend. A kernel does not know which layer calls it, and a layer does not know which
// backend runs it.
//
// Pointers may be read up to kSlack bytes past the last element: the arena ends every buffer with that much
// room. Nothing is written past it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace byteflow {

// One 128-bit load may start at the last byte of a buffer.
inline constexpr std::size_t kSlack = 16;

// A weight packed by Kernels::pack, ready for gemm.
struct PackedWeight {
  std::size_t inputs = 0;     // K
  std::size_t outputs = 0;    // N
  std::span<std::byte> data;  // the backend's layout, packed_size(K, N) bytes
  std::span<std::int32_t>
      bias;  // [N], with the input's zero point folded in: bias - zero_point * sum of the channel's weights
  std::span<float> multiplier;  // [N]
};

// Rows of codes: row r starts at data + r * stride.
struct Rows {
  const std::int8_t* data = nullptr;
  std::size_t stride = 0;
};

// A second input added before rounding: float(code - zero_point) * multiplier.
struct Residual {
  Rows rows;
  std::int32_t zero_point = 0;
  float multiplier = 0;
};

struct Kernels {
  std::string_view name;

  // Bytes of PackedWeight::data for `inputs` x `outputs`.
  std::size_t (*packed_size)(std::size_t inputs, std::size_t outputs);

  // weight [outputs, inputs] -> data.
  void (*pack)(const std::int8_t* weight, std::size_t inputs, std::size_t outputs, std::byte* data);

  // Bytes that gemm needs as scratch for `rows` >= 1 rows.
  std::size_t (*gemm_scratch)(std::size_t rows, std::size_t stride, std::size_t inputs);

  // out[r][n] = clamp8(rint(float(bias[n] + sum_k a[r][k] w[n][k]) * multiplier[n] (+ residual)) +
  // zero_point) for `rows` rows. Rows of `a` may overlap (the window of a QRNN); `residual` may be null, and
  // may be the rows that `out` replaces. `scratch` is aligned to 16 bytes.
  void (*gemm)(const PackedWeight& weight, Rows a, std::size_t rows, const Residual* residual,
               std::int32_t zero_point, std::int8_t* out, std::size_t out_stride, std::byte* scratch);

  // out[r][n] = sum_k (a[r][k] - zero_point) * weight[n][k]: plain accumulators of few outputs. weight
  // [outputs, inputs].
  void (*dot)(Rows a, std::size_t rows, std::int32_t zero_point, const std::int8_t* weight,
              std::size_t inputs, std::size_t outputs, std::int32_t* out);

  // The embedding and its convolution as sums of table rows: table [259][width][stride] int32, stride =
  // channels rounded up to 16; out[t][n] = activation[128 + requantize(bias[n] + sum_k table[ids[t + k -
  // width/2]][k][n], multiplier[n], zero_point)].
  void (*embed)(const std::int32_t* table, std::size_t width, std::size_t stride,
                std::span<const std::uint16_t> ids, const std::int32_t* bias, const float* multiplier,
                std::int32_t zero_point, const std::int8_t* activation, std::size_t channels,
                std::int8_t* out);

  // out[c] = requantize(sum_p coefficient[p] * (a[p][c] - zero_in), multiplier, zero_out)
  void (*mix)(Rows a, std::span<const std::int16_t> coefficients, std::int32_t zero_in, float multiplier,
              std::int32_t zero_out, std::size_t channels, std::int8_t* out);

  // LayerNorm of `rows` contiguous rows (section 4); `out` may be `x`.
  void (*norm)(const std::int8_t* x, std::size_t rows, std::size_t channels, float epsilon, float scale_out,
               std::int32_t zero_out, std::int8_t* out);

  // fo-pooling of one direction (section 5): gates [rows, 3 * state] codes of z, f, o; tables of 256 entries;
  // `carry` is scratch [4 * state] int16; writes `state` codes at out + t * out_stride. `backward` runs from
  // the last row to the first.
  void (*fo_pool)(Rows gates, std::size_t rows, std::size_t state, const std::int16_t* z,
                  const std::int16_t* f, const std::int16_t* o, bool backward, std::int16_t* carry,
                  std::int8_t* out, std::size_t out_stride);

  // Attention-weighted mean and maximum over rows (section 6): shares [rows]; pooled [2 * channels].
  void (*pool)(Rows y, std::size_t rows, std::size_t channels, std::int32_t zero_point,
               const std::int32_t* shares, std::int32_t* pooled);

  // Scores of one head (section 7): out[r][u] = requantize(sum_c query[r][c] * key[u][c], multiplier, 0).
  void (*attention_scores)(Rows query, std::size_t rows, Rows key, std::size_t time, std::size_t width,
                           float multiplier, std::int8_t* out, std::size_t out_stride);

  // Contexts of one head (section 7): out[r][c] = requantize(sum_u shares[r][u] * value[u][c], multiplier[r],
  // 0). Shares lie in 0..32767 and sum to less than 40,960 in a row.
  void (*attention_mix)(const std::int16_t* shares, std::size_t share_stride, std::size_t rows, Rows value,
                        std::size_t time, std::size_t width, const float* multiplier, std::int8_t* out,
                        std::size_t out_stride);
};

const Kernels& scalar_kernels();
#ifdef BYTEFLOW_SIMD128
const Kernels& simd128_kernels();  // the one of the next two that suits this CPU; both run everywhere
const Kernels& simd128_pairs_kernels();
const Kernels& simd128_extmul_kernels();
#endif
#ifdef BYTEFLOW_RELAXED
const Kernels* relaxed_kernels();  // null where the engine's relaxed dot product is not exact
#endif

// Rounded up to the next multiple.
constexpr std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

}  // namespace byteflow
