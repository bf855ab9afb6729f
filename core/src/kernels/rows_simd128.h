// The row operations of kernels.h in 128-bit SIMD; every SIMD backend has these.
#pragma once

#include "kernels/kernels.h"

namespace byteflow::simd128 {

void dot(Rows a, std::size_t rows, std::int32_t zero_point, const std::int8_t* weight, std::size_t inputs,
         std::size_t outputs, std::int32_t* out);
void embed(const std::int32_t* table, std::size_t width, std::size_t stride,
           std::span<const std::uint16_t> ids, const std::int32_t* bias, const float* multiplier,
           std::int32_t zero_point, const std::int8_t* activation, std::size_t channels, std::int8_t* out);
void mix(Rows a, std::span<const std::int16_t> coefficients, std::int32_t zero_in, float multiplier,
         std::int32_t zero_out, std::size_t channels, std::int8_t* out);
void norm(const std::int8_t* x, std::size_t rows, std::size_t channels, float epsilon, float scale_out,
          std::int32_t zero_out, std::int8_t* out);
void fo_pool(Rows gates, std::size_t rows, std::size_t state, const std::int16_t* z, const std::int16_t* f,
             const std::int16_t* o, bool backward, std::int16_t* carry, std::int8_t* out,
             std::size_t out_stride);
void pool(Rows y, std::size_t rows, std::size_t channels, std::int32_t zero_point, const std::int32_t* shares,
          std::int32_t* pooled);

}  // namespace byteflow::simd128
