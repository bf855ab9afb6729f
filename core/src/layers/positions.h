// Learned positions added to rows (README section 7).
#pragma once

#include "byteflow/model.h"

namespace byteflow {

class Positions {
 public:
  // table [time, channels] with one scale.
  void prepare(std::span<const std::int8_t> table, float table_scale, std::size_t channels, Activation input,
               Activation output);

  // x [time, channels] is replaced.
  void run(std::int8_t* x, std::size_t time) const;

 private:
  std::size_t channels_ = 0;
  const std::int8_t* table_ = nullptr;  // [max_time, channels]
  std::int32_t zero_in_ = 0, zero_out_ = 0;
  float input_multiplier_ = 0, position_multiplier_ = 0;
};

}  // namespace byteflow
