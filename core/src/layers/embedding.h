// Embedding, centred convolution and activation (README section 2), as sums of table rows: a byte's embedding
// times a tap of the kernel depends on the byte alone, so the products are made once, when a byte is first
// seen: a text uses some forty of the 259 ids, and all of them would take longer than the rest of the load.
// Per byte that leaves conv_width * channels additions instead of conv_width * embedding_channels * channels
// multiplications.
#pragma once

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class EmbeddingConvolution {
 public:
  void allocate(std::size_t channels, const ByteFrontEndTensors& front_end, Arena& arena);
  void prepare(const ByteFrontEndTensors& front_end);

  // ids [length] -> out [length, channels]
  void run(const Kernels& kernels, std::span<const std::uint16_t> ids, std::int8_t* out);

 private:
  std::size_t width_ = 0, channels_ = 0, depth_ = 0, stride_ = 0;
  std::int32_t zero_point_ = 0;
  const std::int8_t* embedding_ = nullptr;   // [259, depth]
  const std::int8_t* activation_ = nullptr;  // [256]
  std::span<std::int8_t> taps_;              // [width, stride, depth], zeros beyond the channels
  std::span<std::int32_t> table_;            // [259, width, stride]
  std::span<bool> made_;                     // [259]: whether the id's rows are in the table
  std::span<std::int32_t> bias_;             // [stride]
  std::span<float> multiplier_;              // [stride]
};

}  // namespace byteflow
