// A block of the decoder: merged attention and a feed-forward layer (README section 11). The mean of the rows
// so far stands beside cross-attention, so a running sum of fixed size is all that a step keeps of the past.
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "layers/attention.h"
#include "layers/feed_forward.h"
#include "memory/arena.h"

namespace byteflow {

// Buffers that the blocks of one decoder share.
struct MattScratch {
  void allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena);

  std::span<std::int8_t> normed;          // [rows, channels]; later context and mean together
  std::span<std::int8_t> query, running;  // [rows, channels]
  std::span<std::int8_t> hidden;          // [rows, feed_forward]
  AttentionScratch attention;
  std::span<std::byte> gemm;
};

class MattBlock {
 public:
  void allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena);
  void prepare(const Kernels& kernels, const Model& model, std::size_t index);

  // Keys and values of what is read, normed rows [time, channels]; forgets the sums.
  void read(const Kernels& kernels, const std::int8_t* source, std::size_t time, const MattScratch& scratch);

  // Step 1, 2, ...: row i of x [rows, channels] goes on from row parents[i]; x is replaced.
  void run(const Kernels& kernels, std::size_t step, std::span<const std::uint16_t> parents, std::int8_t* x,
           const MattScratch& scratch);

 private:
  void merge(std::size_t step, std::span<const std::uint16_t> parents, const MattScratch& scratch);

  std::size_t channels_ = 0, time_ = 0;
  const MattBlockTensors* tensors_ = nullptr;
  Activation input_;
  float epsilon_ = 0;  // of the LayerNorm, in code units
  float context_multiplier_ = 0, running_multiplier_ = 0;
  PackedWeight query_, key_, value_, running_, output_;  // [channels, channels]
  std::span<std::int8_t> keys_, values_;                 // [time, channels]
  std::span<std::int32_t> sums_, next_sums_;             // [rows, channels]
  Attention attention_;
  FeedForward feed_forward_;
};

}  // namespace byteflow
