#include "layers/embedding.h"

#include <algorithm>

#include "byteflow/byte_splitter.h"
#include "quant/requantize.h"

namespace byteflow {

void EmbeddingConvolution::allocate(std::size_t channels, const ByteFrontEndTensors& front_end,
                                    Arena& arena) {
  width_ = front_end.conv_width;
  channels_ = channels;
  stride_ = round_up(channels_, 16);
  table_ = arena.take<std::int32_t>(width_ * kVocabulary * stride_);
  bias_ = arena.take<std::int32_t>(stride_);
  multiplier_ = arena.take<float>(stride_);
}

void EmbeddingConvolution::prepare(const ByteFrontEndTensors& front_end) {
  const EmbeddingTensors& tensors = front_end.embedding;
  const std::size_t depth = front_end.embedding_channels;
  zero_point_ = tensors.pre.zero_point;
  activation_ = tensors.activation.data();
  std::fill(table_.begin(), table_.end(), 0);
  std::fill(bias_.begin(), bias_.end(), 0);
  std::fill(multiplier_.begin(), multiplier_.end(), 0.0f);
  for (std::size_t n = 0; n < channels_; ++n) {
    bias_[n] = tensors.conv.bias[n];
    multiplier_[n] = multiplier(tensors.scale, tensors.conv.scales[n], tensors.pre.scale);
  }
  for (std::size_t k = 0; k < width_; ++k) {
    for (std::size_t id = 0; id < kVocabulary; ++id) {
      const std::int8_t* row = tensors.weight.data() + id * depth;
      std::int32_t* out = table_.data() + (k * kVocabulary + id) * stride_;
      for (std::size_t n = 0; n < channels_; ++n) {
        const std::int8_t* tap = tensors.conv.weight.data() + (n * width_ + k) * depth;
        std::int32_t acc = 0;
        for (std::size_t e = 0; e < depth; ++e) acc += row[e] * tap[e];
        out[n] = acc;
      }
    }
  }
}

void EmbeddingConvolution::run(const Kernels& kernels, std::span<const std::uint16_t> ids,
                               std::int8_t* out) const {
  kernels.embed(table_.data(), width_, stride_, ids, bias_.data(), multiplier_.data(), zero_point_,
                activation_, channels_, out);
}

}  // namespace byteflow
