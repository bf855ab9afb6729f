// The attention kernels of each backend, for its table (kernels.h says what they compute).
#pragma once

#include "kernels/kernels.h"

namespace byteflow {

namespace scalar {
void attention_scores(Rows query, std::size_t rows, Rows key, std::size_t time, std::size_t width,
                      float multiplier, std::int8_t* out, std::size_t out_stride);
void attention_mix(const std::int16_t* shares, std::size_t share_stride, std::size_t rows, Rows value,
                   std::size_t time, std::size_t width, const float* multiplier, std::int8_t* out,
                   std::size_t out_stride);
}  // namespace scalar

namespace simd128 {
void attention_scores(Rows query, std::size_t rows, Rows key, std::size_t time, std::size_t width,
                      float multiplier, std::int8_t* out, std::size_t out_stride);
void attention_mix(const std::int16_t* shares, std::size_t share_stride, std::size_t rows, Rows value,
                   std::size_t time, std::size_t width, const float* multiplier, std::int8_t* out,
                   std::size_t out_stride);
}  // namespace simd128

}  // namespace byteflow
