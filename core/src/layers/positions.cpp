#include "layers/positions.h"

#include "quant/requantize.h"

namespace byteflow {

void Positions::prepare(const Model& model, const TransformerTensors& encoder) {
  channels_ = model.channels;
  table_ = encoder.position.data();
  zero_in_ = model.rows.zero_point;
  zero_out_ = encoder.positioned.zero_point;
  input_multiplier_ = model.rows.scale / encoder.positioned.scale;
  position_multiplier_ = encoder.position_scale / encoder.positioned.scale;
}

void Positions::run(std::int8_t* x, std::size_t time) const {
  for (std::size_t i = 0; i < time * channels_; ++i) {
    const float row = static_cast<float>(x[i] - zero_in_) * input_multiplier_;
    const float position = static_cast<float>(table_[i]) * position_multiplier_;
    x[i] = clamp8(round_to_code(row + position) + zero_out_);
  }
}

}  // namespace byteflow
