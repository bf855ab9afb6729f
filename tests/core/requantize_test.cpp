#include "quant/requantize.h"

#include <doctest/doctest.h>

#include <limits>

using namespace byteflow;

TEST_CASE("requantize rounds half to even, adds the zero point and clamps") {
  CHECK(requantize(1, 0.5f, 0) == 0);
  CHECK(requantize(3, 0.5f, 0) == 2);
  CHECK(requantize(5, 0.5f, 0) == 2);
  CHECK(requantize(-1, 0.5f, 0) == 0);
  CHECK(requantize(-3, 0.5f, 0) == -2);
  CHECK(requantize(3, 0.5f, 100) == 102);
  CHECK(requantize(1000, 0.5f, 0) == 127);
  CHECK(requantize(-1000, 0.5f, 0) == -128);
}

TEST_CASE("requantize is defined for every accumulator and every multiplier that a model may have") {
  for (const std::int32_t acc :
       {std::numeric_limits<std::int32_t>::min(), -1, 0, 1, std::numeric_limits<std::int32_t>::max()}) {
    for (const float scale : {1e-21f, 1.0f, 1e21f}) {
      for (const std::int32_t zero : {-128, 0, 127}) {
        const std::int32_t code = requantize(acc, scale, zero);
        if (acc == 0) CHECK(code == zero);
        if (scale == 1e21f && acc != 0) CHECK(code == (acc > 0 ? 127 : -128));
      }
    }
  }
}
