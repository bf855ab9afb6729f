// Shapes and operands of a run, from the bytes that the fuzzer gives: it chooses shapes, fills and seeds, and
// a generator makes the many numbers of a tensor from them.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "random_data.h"

namespace byteflow {

class Operands {
 public:
  Operands(const std::uint8_t* data, std::size_t size)
      : choices_(data, size), random_(choices_.ConsumeIntegral<std::uint32_t>()) {}

  template <typename T>
  T choose(T low, T high) {
    return choices_.ConsumeIntegralInRange<T>(low, high);
  }
  bool flip() { return choices_.ConsumeBool(); }

  template <typename T>
  std::vector<T> values(std::size_t count, std::int32_t low, std::int32_t high) {
    return random_.values<T>(count, low, high, choices_.PickValueInArray(kFills));
  }

  // Spread evenly over the orders of magnitude.
  float magnitude(int lowest, int highest) {
    return std::ldexp(random_.real(0.5f, 1.0f), choose(lowest, highest));
  }
  std::vector<float> magnitudes(std::size_t count, int lowest, int highest) {
    std::vector<float> out(count + kSlack);
    const float unit = magnitude(lowest, highest);
    for (float& value : out) value = unit * random_.real(0.5f, 1.0f);
    return out;
  }

  RandomData& random() { return random_; }

 private:
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
