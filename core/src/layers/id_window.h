// The last ids of each text that is written, and the row that the decoder makes of them (README section 11).
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class IdWindow {
 public:
  void allocate(const Kernels& kernels, const DecoderTensors& decoder, std::size_t channels,
                std::size_t max_rows, Arena& arena);
  void prepare(const Kernels& kernels, const DecoderTensors& decoder);

  // Forgets all ids.
  void begin();

  // Step 1, 2, ...: row i goes on from row parents[i] with ids[i]; x [rows, channels] is written.
  void run(const Kernels& kernels, std::size_t step, std::span<const std::uint16_t> parents,
           std::span<const std::uint16_t> ids, std::int8_t* x);

 private:
  const DecoderTensors* tensors_ = nullptr;
  std::size_t window_ = 0, depth_ = 0, channels_ = 0;
  float position_multiplier_ = 0;
  PackedWeight conv_;                        // [channels, window * depth]
  std::span<std::uint16_t> ids_, next_ids_;  // [rows, window]
  std::span<std::int8_t> windows_;           // [rows, window * depth]
  std::span<std::int8_t> position_;          // [channels] of this step
  std::span<std::byte> gemm_scratch_;
};

}  // namespace byteflow
