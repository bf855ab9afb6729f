// Multi-head attention with an integer softmax (README section 7): of a text to itself, and of a decoder to
// what it reads.
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

struct AttentionScratch {
  void allocate(std::size_t max_time, Arena& arena);

  std::size_t stride = 0;          // of the two below
  std::span<std::int8_t> scores;   // [kQueries, stride] of one head
  std::span<std::int16_t> shares;  // [kQueries, stride]
};

class Attention {
 public:
  void prepare(const AttentionTensors& tensors, std::size_t channels, std::size_t heads);

  // query [queries, channels], key and value [time, channels] -> context [queries, channels], codes of
  // `context`.
  void run(const Kernels& kernels, const std::int8_t* query, std::size_t queries, const std::int8_t* key,
           const std::int8_t* value, std::size_t time, const AttentionScratch& scratch,
           std::int8_t* context) const;

 private:
  float share(const std::int8_t* scores, std::size_t time, std::int16_t* shares) const;

  std::size_t channels_ = 0, width_ = 0;  // width of a head
  std::span<const std::uint16_t> exp_;
  float score_multiplier_ = 0, context_multiplier_ = 0;
};

}  // namespace byteflow
