// Embedding, centred convolution and activation (README section 2), as sums of table rows: a byte's embedding
// times a tap of the kernel depends on the byte alone, so the products are made once at load. Per byte that
// is conv_width * channels additions instead of conv_width * embedding_channels * channels multiplications.
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
  void run(const Kernels& kernels, std::span<const std::uint16_t> ids, std::int8_t* out) const;

 private:
  std::size_t width_ = 0, channels_ = 0, stride_ = 0;
  std::int32_t zero_point_ = 0;
  const std::int8_t* activation_ = nullptr;  // [256]
  std::span<std::int32_t> table_;            // [width, 259, stride]
  std::span<std::int32_t> bias_;             // [stride]
  std::span<float> multiplier_;              // [stride]
};

}  // namespace byteflow
