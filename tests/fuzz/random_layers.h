// Tensors of layers with random weights, whose scales are chosen so that most codes lie inside their range.
#pragma once

#include <cmath>
#include <deque>

#include "interval.h"
#include "operands.h"

namespace byteflow {

// Makes tensors and keeps what they refer to.
class RandomLayers {
 public:
  explicit RandomLayers(Operands& operands) : operands_(operands) {}

  std::span<const std::int8_t> codes(std::size_t count, std::int32_t lowest = -128) {
    return keep(bytes_, operands_.values<std::int8_t>(count, lowest, 127)).first(count);
  }

  Activation activation(double range, bool symmetric = false) {
    const double scale = range / 128 * std::ldexp(1.0, operands_.choose(-1, 1));
    return {static_cast<float>(scale), symmetric ? 0 : operands_.choose<std::int32_t>(-128, 127)};
  }

  // Outputs of about unit size where inputs are.
  Dense dense(std::size_t outputs, std::size_t inputs, Activation input) {
    Dense out;
    out.weight = codes(outputs * inputs, -127);
    std::vector<float> scales(outputs);
    for (float& scale : scales)
      scale = static_cast<float>(operands_.random().real(0.5f, 1.0f) /
                                 (73 * std::sqrt(static_cast<float>(inputs))));
    out.scales = keep(floats_, scales);
    std::vector<std::int32_t> bias(outputs);
    for (std::size_t n = 0; n < outputs; ++n)
      bias[n] = static_cast<std::int32_t>(operands_.random().real(-1.0f, 1.0f) / (input.scale * scales[n]));
    out.bias = keep(biases_, bias);
    return out;
  }

  // exp(-scale * i), as the exporter makes it.
  std::span<const std::uint16_t> exp_table(double scale) {
    std::vector<std::uint16_t> table(256);
    for (std::size_t i = 0; i < 256; ++i)
      table[i] = static_cast<std::uint16_t>(std::lrint(32'768 * std::exp(-scale * static_cast<double>(i))));
    return keep(shorts_, table);
  }

  // `f` of each code of `in`, times `unit`.
  template <typename Function>
  std::span<const std::int16_t> table(Activation in, double unit, Function f) {
    std::vector<std::int16_t> table(256);
    for (int code = -128; code < 128; ++code)
      table[static_cast<std::size_t>(code + 128)] =
          static_cast<std::int16_t>(std::lrint(unit * f(real(in, code))));
    return keep(words_, table);
  }

  // `f` from codes to codes.
  template <typename Function>
  std::span<const std::int8_t> code_table(Activation in, Activation out, Function f) {
    std::vector<std::int8_t> table(256);
    for (int code = -128; code < 128; ++code) {
      const double wanted = std::rint(f(real(in, code)) / double{out.scale}) + out.zero_point;
      table[static_cast<std::size_t>(code + 128)] =
          static_cast<std::int8_t>(std::clamp(wanted, -128.0, 127.0));
    }
    return keep(bytes_, table);
  }

 private:
  template <typename T>
  static std::span<const T> keep(std::deque<std::vector<T>>& kept, std::vector<T> values) {
    return kept.emplace_back(std::move(values));
  }

  Operands& operands_;
  std::deque<std::vector<std::int8_t>> bytes_;
  std::deque<std::vector<std::int16_t>> words_;
  std::deque<std::vector<std::uint16_t>> shorts_;
  std::deque<std::vector<std::int32_t>> biases_;
  std::deque<std::vector<float>> floats_;
};

}  // namespace byteflow
