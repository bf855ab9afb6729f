// Hashed ternary features of each word and a dense layer (README section 9).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class WordProjection {
 public:
  void allocate(const Kernels& kernels, const Model& model, const WordFrontEndTensors& front_end,
                Arena& arena);
  void prepare(const Kernels& kernels, const WordFrontEndTensors& front_end);

  // text of at most max_bytes -> out [words, channels]; returns the words, EOS included.
  std::size_t run(const Kernels& kernels, std::span<const std::uint8_t> text, std::int8_t* out) const;

  // Where in the last text each word ended.
  [[nodiscard]] std::span<const std::uint32_t> ends() const { return ends_; }

 private:
  const WordFrontEndTensors* tensors_ = nullptr;
  PackedWeight weight_;              // [channels, features]
  std::span<std::uint8_t> word_;     // [max_bytes]
  std::span<std::int8_t> features_;  // [max_time, features]
  std::span<std::uint32_t> ends_;    // [max_time]
  std::span<std::byte> gemm_scratch_;
};

}  // namespace byteflow
