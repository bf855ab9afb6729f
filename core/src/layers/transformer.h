// A pre-norm residual block of multi-head self-attention and a feed-forward layer (README sections 7 and 8).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "layers/attention.h"
#include "layers/feed_forward.h"
#include "memory/arena.h"

namespace byteflow {

// Buffers that the blocks of one encoder share.
struct TransformerScratch {
  void allocate(const Kernels& kernels, const Model& model, const TransformerTensors& encoder, Arena& arena);

  std::span<std::int8_t> normed;             // [time, channels]; later the contexts of all heads
  std::span<std::int8_t> query, key, value;  // [time, channels]
  std::span<std::int8_t> hidden;             // [time, feed_forward]
  AttentionScratch attention;
  std::span<std::byte> gemm;
};

class TransformerBlock {
 public:
  void allocate(const Kernels& kernels, const Model& model, const TransformerTensors& encoder, Arena& arena);
  void prepare(const Kernels& kernels, const Model& model, const TransformerTensors& encoder,
               std::size_t index);

  // x [time, channels] is replaced by the block's output; returns its rows, ceil(time / pool).
  std::size_t run(const Kernels& kernels, std::int8_t* x, std::size_t time,
                  const TransformerScratch& scratch) const;

 private:
  std::size_t pool(const Kernels& kernels, std::int8_t* x, std::size_t time) const;

  std::size_t channels_ = 0;
  const TransformerBlockTensors* tensors_ = nullptr;
  Activation input_, queried_;  // of the rows that come in, and of those that the queries stand for
  float input_epsilon_ = 0, queried_epsilon_ = 0;  // of the LayerNorms, in code units
  PackedWeight query_, key_, value_, output_;      // [channels, channels]
  Attention attention_;
  FeedForward feed_forward_;
};

}  // namespace byteflow
