// The decoder: reads the encoder's rows once, then makes logits of the next id, a step at a time (README
// section 11).
#pragma once

#include <array>

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "layers/id_window.h"
#include "layers/matt.h"
#include "layers/positions.h"
#include "memory/arena.h"

namespace byteflow {

class Decoder {
 public:
  void allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena);

  // `source` of the rows that read is given.
  void prepare(const Kernels& kernels, const Model& model, Activation source);

  // source [time, channels] is replaced by what the decoder makes of it; no step lies behind it then.
  void read(const Kernels& kernels, std::int8_t* source, std::size_t time);

  // Row i goes on from row parents[i] of the step before with ids[i] -> logits [rows, 259].
  void step(const Kernels& kernels, std::span<const std::uint16_t> parents,
            std::span<const std::uint16_t> ids, std::int8_t* logits);

 private:
  const DecoderTensors* tensors_ = nullptr;
  std::size_t channels_ = 0, steps_ = 0;
  float source_epsilon_ = 0, epsilon_ = 0;  // of the LayerNorms, in code units
  Positions source_positions_;
  IdWindow window_;
  std::array<MattBlock, kMaxBlocks> blocks_;
  MattScratch scratch_;
  PackedWeight output_;          // [259, channels]
  std::span<std::int8_t> rows_;  // [rows, channels]
};

}  // namespace byteflow
