// A pre-norm residual block of a bidirectional QRNN with fo-pooling (README section 5).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

// Buffers that the blocks of one encoder share.
struct QrnnScratch {
  void allocate(const Kernels& kernels, const Model& model, const QrnnTensors& encoder, Arena& arena);

  std::span<std::int8_t> normed;  // [window - 1 + time + window - 1, channels]: rows before and after the
                                  // text hold the zero point
  std::span<std::int8_t> gates;   // [time, 3 * state] of one direction; of all windows where they are shared
  std::span<std::int8_t> hidden;  // [time, 2 * state], forward first
  std::span<std::int16_t> carry;  // [4 * state]: the cell and three looked-up gates
  std::span<std::byte> gemm;
};

class QrnnBlock {
 public:
  void allocate(const Kernels& kernels, const Model& model, const QrnnTensors& encoder, Arena& arena);
  void prepare(const Kernels& kernels, const Model& model, const QrnnTensors& encoder, std::size_t index);

  // x [time, channels] is replaced by the block's output.
  void run(const Kernels& kernels, std::int8_t* x, std::size_t time, const QrnnScratch& scratch) const;

 private:
  std::size_t channels_ = 0, state_ = 0, window_ = 0, gate_sets_ = 0;
  const QrnnBlockTensors* tensors_ = nullptr;
  Activation input_;
  float epsilon_ = 0;                  // of the LayerNorm, in code units
  float residual_multiplier_ = 0;      // input scale / output scale
  std::array<PackedWeight, 2> gates_;  // of either direction, or one of both: [3 * state, window * channels]
  PackedWeight projection_;            // [channels, 2 * state]
};

}  // namespace byteflow
