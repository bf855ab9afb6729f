// Attention pooling beside max pooling (README section 6).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class AttentionMaxPooling {
 public:
  void allocate(const Model& model, Arena& arena);
  void prepare(const Model& model, Activation input);

  // x [time, channels] -> pooled [2 * channels], with 7 fractional bits more than a code of `pool.norm`
  void run(const Kernels& kernels, const std::int8_t* x, std::size_t time,
           std::span<std::int32_t> pooled) const;

  // Of the last run, for its `time` rows.
  [[nodiscard]] Rows normed() const { return {normed_.data(), channels_}; }
  [[nodiscard]] std::span<const std::int32_t> shares() const { return shares_; }  // parts of 2^22

 private:
  std::size_t channels_ = 0;
  const PoolingTensors* tensors_ = nullptr;
  float epsilon_ = 0, attention_multiplier_ = 0;
  std::span<std::int8_t> normed_;   // [time, channels]
  std::span<std::int32_t> shares_;  // [time]: attention logits, then softmax shares
};

}  // namespace byteflow
