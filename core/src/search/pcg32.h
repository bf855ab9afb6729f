// PCG32 (XSH RR 64/32): M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", 2014. Streams of one seed are independent of each other.
#pragma once

#include <bit>
#include <cstdint>

namespace byteflow {

class Pcg32 {
 public:
  Pcg32(std::uint64_t seed, std::uint64_t stream) : increment_(stream << 1 | 1) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005U + increment_;
    return std::rotr(static_cast<std::uint32_t>((old >> 18 ^ old) >> 27), static_cast<int>(old >> 59));
  }

  // 0 .. bound - 1. Multiply and shift: uneven by less than bound / 2^32.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(std::uint64_t{next()} * bound >> 32);
  }

 private:
  std::uint64_t state_ = 0, increment_;
};

}  // namespace byteflow
