// ln and exp in integers, from one table of 256 entries (../quant/README.md, "Beam search").
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace byteflow {

// A natural logarithm in units of 2^-20.
using Score = std::int64_t;

class Logarithm {
 public:
  static constexpr Score kLn2 = 726'817;  // round(2^20 ln 2)

  Logarithm() = default;
  explicit Logarithm(std::span<const std::int32_t> table) : table_(table) {}

  // ln n, for 1 <= n < 2^40.
  [[nodiscard]] Score of(std::uint64_t n) const {
    const auto octave = static_cast<unsigned>(std::bit_width(n | 1)) - 1;
    const std::uint64_t fraction = ((n << 20) >> octave) - (1U << 20);
    const auto i = static_cast<std::size_t>(fraction >> 12);
    const auto within = static_cast<Score>(fraction & 4095);
    return octave * kLn2 + entry(i) + (((entry(i + 1) - entry(i)) * within + 2048) >> 12);
  }

  // 2^bits e^x, rounded down; x + bits ln 2 < 40 ln 2.
  [[nodiscard]] std::uint64_t exp(Score x, int bits) const {
    const Score scaled = x + bits * kLn2;
    if (scaled < 0) return 0;
    const Score octave = scaled / kLn2, rest = scaled % kLn2;
    const auto above = std::upper_bound(table_.begin(), table_.end(), rest);
    const auto i = static_cast<std::size_t>(above - table_.begin()) - 1;
    const Score width = std::max<Score>(entry(i + 1) - entry(i), 1);  // a table rises at every entry
    const Score within = ((rest - entry(i)) << 12) / width;
    const std::uint64_t mantissa = (1U << 20) + (i << 12) + static_cast<std::uint64_t>(within);
    return octave >= 20 ? mantissa << (octave - 20) : mantissa >> (20 - octave);
  }

 private:
  [[nodiscard]] Score entry(std::size_t i) const { return i < table_.size() ? table_[i] : kLn2; }

  std::span<const std::int32_t> table_;  // [256]: round(2^20 ln(1 + i / 256))
};

}  // namespace byteflow
