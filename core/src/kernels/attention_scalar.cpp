// The oracle of attention.

#include "kernels/attention.h"
#include "quant/requantize.h"

namespace byteflow::scalar {

void attention_scores(Rows query, std::size_t rows, Rows key, std::size_t time, std::size_t width,
                      float multiplier, std::int8_t* out, std::size_t out_stride) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t u = 0; u < time; ++u) {
      std::int32_t acc = 0;
      for (std::size_t c = 0; c < width; ++c)
        acc += query.data[r * query.stride + c] * key.data[u * key.stride + c];
      out[r * out_stride + u] = requantize(acc, multiplier, 0);
    }
  }
}

void attention_mix(const std::int16_t* shares, std::size_t share_stride, std::size_t rows, Rows value,
                   std::size_t time, std::size_t width, const float* multiplier, std::int8_t* out,
                   std::size_t out_stride) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < width; ++c) {
      std::int32_t acc = 0;
      for (std::size_t u = 0; u < time; ++u)
        acc += shares[r * share_stride + u] * value.data[u * value.stride + c];
      out[r * out_stride + c] = requantize(acc, multiplier[r], 0);
    }
  }
}

}  // namespace byteflow::scalar
