// Repeatable random operands, and the extremes that random ones never reach.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/kernels.h"

namespace byteflow {

enum class Fill { random, lowest, highest, alternating };
inline constexpr Fill kFills[] = {Fill::random, Fill::lowest, Fill::highest, Fill::alternating};

class RandomData {
 public:
  explicit RandomData(std::uint32_t seed) : engine_(seed) {}

  std::int32_t integer(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(engine_);
  }
  std::uint32_t bits() { return static_cast<std::uint32_t>(engine_()); }
  float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(engine_); }

  // `count` values followed by the slack that kernels may read, which holds garbage.
  template <typename T>
  std::vector<T> values(std::size_t count, std::int32_t low, std::int32_t high, Fill fill = Fill::random) {
    std::vector<T> out(count + kSlack);
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::int32_t value = integer(low, high);
      if (i < count && fill == Fill::lowest) value = low;
      if (i < count && fill == Fill::highest) value = high;
      if (i < count && fill == Fill::alternating) value = i % 2 == 0 ? low : high;
      out[i] = static_cast<T>(value);
    }
    return out;
  }

  std::vector<float> reals(std::size_t count, float low, float high) {
    std::vector<float> out(count);
    for (float& value : out) value = real(low, high);
    return out;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace byteflow
