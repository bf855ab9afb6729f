#include "layers/embedding.h"

#include <algorithm>

#include "byteflow/byte_splitter.h"
#include "quant/requantize.h"

namespace byteflow {

void EmbeddingConvolution::allocate(std::size_t channels, const ByteFrontEndTensors& front_end,
                                    Arena& arena) {
  width_ = front_end.conv_width;
  channels_ = channels;
  depth_ = front_end.embedding_channels;
  stride_ = round_up(channels_, 16);
  taps_ = arena.take<std::int8_t>(width_ * stride_ * depth_);
  table_ = arena.take<std::int32_t>(kVocabulary * width_ * stride_);
  made_ = arena.take<bool>(kVocabulary);
  bias_ = arena.take<std::int32_t>(stride_);
  multiplier_ = arena.take<float>(stride_);
}

void EmbeddingConvolution::prepare(const ByteFrontEndTensors& front_end) {
  const EmbeddingTensors& tensors = front_end.embedding;
  zero_point_ = tensors.pre.zero_point;
  embedding_ = tensors.weight.data();
  activation_ = tensors.activation.data();
  std::fill(taps_.begin(), taps_.end(), std::int8_t{0});
  std::fill(made_.begin(), made_.end(), false);
  std::fill(bias_.begin(), bias_.end(), 0);
  std::fill(multiplier_.begin(), multiplier_.end(), 0.0f);
  for (std::size_t n = 0; n < channels_; ++n) {
    bias_[n] = tensors.conv.bias[n];
    multiplier_[n] = multiplier(tensors.scale, tensors.conv.scales[n], tensors.pre.scale);
    for (std::size_t k = 0; k < width_; ++k)
      std::copy_n(tensors.conv.weight.data() + (n * width_ + k) * depth_, depth_,
                  taps_.data() + (k * stride_ + n) * depth_);
  }
}

void EmbeddingConvolution::run(const Kernels& kernels, std::span<const std::uint16_t> ids, std::int8_t* out) {
  for (const std::uint16_t id : ids) {
    if (made_[id]) continue;
    made_[id] = true;
    const std::size_t outputs = width_ * stride_;
    kernels.dot({embedding_ + id * depth_, depth_}, 1, 0, taps_.data(), depth_, outputs,
                table_.data() + id * outputs);
  }
  kernels.embed(table_.data(), width_, stride_, ids, bias_.data(), multiplier_.data(), zero_point_,
                activation_, channels_, out);
}

}  // namespace byteflow
