// Shapes and operands of a run, from the bytes that the fuzzer gives: it chooses shapes, fills and seeds, and
// a generator makes the many numbers of a tensor from them.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "random_data.h"

namespace byteflow {

class Operands {
 public:
  Operands(const std::uint8_t* data, std::size_t size) : choices_(data, size), random_(hash(data, size)) {}

  // From the fuzzer's bytes; by chance where there are none left, since small shapes alone show little.
  template <typename T>
  T choose(T low, T high) {
    if (choices_.remaining_bytes() > 0) return choices_.ConsumeIntegralInRange<T>(low, high);
    const std::uint64_t drawn = std::uint64_t{random_.bits()} << 32 | random_.bits();
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return static_cast<T>(static_cast<std::uint64_t>(low) +
                          (span == ~std::uint64_t{0} ? drawn : drawn % (span + 1)));
  }
  bool flip() { return choose(0, 1) == 1; }

  template <typename T>
  std::vector<T> values(std::size_t count, std::int32_t low, std::int32_t high) {
    return random_.values<T>(count, low, high, kFills[choose<std::size_t>(0, std::size(kFills) - 1)]);
  }

  // Spread evenly over the orders of magnitude.
  float magnitude(int lowest, int highest) {
    return std::ldexp(random_.real(0.5f, 1.0f), choose(lowest, highest));
  }

  RandomData& random() { return random_; }

 private:
  static std::uint32_t hash(const std::uint8_t* data, std::size_t size) {  // FNV-1a
    std::uint32_t state = 0x811c9dc5;
    for (std::size_t i = 0; i < size; ++i) state = (state ^ data[i]) * 0x01000193;
    return state;
  }

  FuzzedDataProvider choices_;
  RandomData random_;
};

// Ends the run: libFuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace byteflow
