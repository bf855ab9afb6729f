#include "layers/positions.h"

#include "quant/requantize.h"

namespace byteflow {

void Positions::prepare(std::span<const std::int8_t> table, float table_scale, std::size_t channels,
                        Activation input, Activation output) {
  channels_ = channels;
  table_ = table.data();
  zero_in_ = input.zero_point;
  zero_out_ = output.zero_point;
  input_multiplier_ = input.scale / output.scale;
  position_multiplier_ = table_scale / output.scale;
}

void Positions::run(std::int8_t* x, std::size_t time) const {
  for (std::size_t i = 0; i < time * channels_; ++i) {
    const float row = static_cast<float>(x[i] - zero_in_) * input_multiplier_;
    const float position = static_cast<float>(table_[i]) * position_multiplier_;
    x[i] = clamp8(round_to_code(row + position) + zero_out_);
  }
}

}  // namespace byteflow
