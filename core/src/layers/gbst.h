// GBST, fused with downsampling (README section 3). A window's row is a weighted sum of a few neighbouring
// positions, so one int16 coefficient a position stands for all candidate blocks; none of them is made.
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class Gbst {
 public:
  void allocate(std::size_t channels, const ByteFrontEndTensors& front_end, std::size_t max_length,
                Arena& arena);
  void prepare(const ByteFrontEndTensors& front_end);

  // x [length, channels] -> out [time, channels]; returns time = ceil(length / downsample), or where the tail
  // is dropped floor, but at least 1.
  std::size_t run(const Kernels& kernels, const std::int8_t* x, std::size_t length, std::int8_t* out);

 private:
  // Positions [begin, end) that a block averages.
  struct Block {
    [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(end - begin); }
    std::size_t begin, end;
  };

  using Exponentials = std::array<std::int32_t, kMaxBlockWidths>;  // e(t, b) of one t

  [[nodiscard]] Block block_at(std::size_t position, std::size_t width, std::size_t length) const;
  [[nodiscard]] Block window_at(std::size_t position, std::size_t length) const;
  void score(std::size_t length);
  std::int32_t exponentials(std::size_t position, Exponentials& e) const;
  void share_softmax(std::size_t length);
  void share_calibrated(std::size_t length);
  void share_scores(std::size_t length);

  std::span<const std::uint8_t> widths_;
  std::size_t channels_ = 0, rate_ = 0;
  const GbstTensors* tensors_ = nullptr;
  std::int32_t zero_in_ = 0;
  float multiplier_ = 0;                  // of a sum of coefficients times codes
  std::span<float> score_multiplier_;     // [widths]
  std::span<std::int32_t> dots_;          // [length, widths]
  std::span<std::int8_t> scores_;         // [length, widths]
  std::span<std::int16_t> shares_;        // [length, widths]: a(t, b)
  std::span<std::int16_t> softmax_;       // [length, widths]: p(t, b); where calibrated
  std::span<std::int16_t> alike_;         // [length]: w(t, u) of one t; where calibrated
  std::span<std::int16_t> coefficients_;  // [downsample + 3 * (widest block - 1)]
};

}  // namespace byteflow
