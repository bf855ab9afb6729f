// Numbers that are known to lie between two others. A layer's double-precision reference runs on these: where
// the layer rounds to a code, the interval becomes that of the codes it may have rounded to, so that what
// comes out bounds the layer without repeating its arithmetic.
#pragma once

#include <algorithm>
#include <cmath>

#include "byteflow/model.h"

namespace byteflow {

struct Interval {
  double low = 0, high = 0;

  Interval() = default;
  Interval(double value) : low(value), high(value) {}
  Interval(double lowest, double highest) : low(lowest), high(highest) {}

  friend Interval operator+(Interval a, Interval b) { return {a.low + b.low, a.high + b.high}; }
  friend Interval operator-(Interval a, Interval b) { return {a.low - b.high, a.high - b.low}; }
  friend Interval operator*(Interval a, Interval b) {
    const double products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    return {*std::min_element(products, products + 4), *std::max_element(products, products + 4)};
  }
  // b lies above 0.
  friend Interval operator/(Interval a, Interval b) { return a * Interval(1 / b.high, 1 / b.low); }
  Interval& operator+=(Interval other) { return *this = *this + other; }
};

inline Interval highest(Interval a, Interval b) { return {std::max(a.low, b.low), std::max(a.high, b.high)}; }

// A function that does not fall.
template <typename Function>
Interval rising(Interval x, Function f) {
  return {f(x.low), f(x.high)};
}

// Single precision at a few steps: relative to whatever enters a sum.
inline constexpr double kFloat = 0x1p-21;

inline double real(Activation activation, int code) {
  return double{activation.scale} * (code - activation.zero_point);
}

// What the code stands for to which a layer has rounded x: one number, unless x is so wide, or so close to
// the middle between two codes, that there may be others. `size` bounds the terms that x was summed from, for
// the error of single precision.
inline Interval rounded(Interval x, Activation activation, double size) {
  const double scale = double{activation.scale}, error = kFloat * (size + scale * 256);
  const auto code = [&](double value) {
    return std::clamp(std::rint(value / scale) + activation.zero_point, -128.0, 127.0);
  };
  const auto stands_for = [&](double code) { return scale * (code - activation.zero_point); };
  return {stands_for(code(x.low - error)), stands_for(code(x.high + error))};
}

inline double size_of(Interval x) { return std::max(std::abs(x.low), std::abs(x.high)); }

// Whether the code that the layer gave is one that x allows.
inline bool allows(Interval x, Activation activation, int code) {
  const double value = real(activation, code), slack = 1e-9 * double{activation.scale};
  return value >= x.low - slack && value <= x.high + slack;
}

}  // namespace byteflow
