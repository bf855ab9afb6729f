#include "layers/projection.h"

#include "layers/dense.h"
#include "text/words.h"

namespace byteflow {

void WordProjection::allocate(const Kernels& kernels, const Model& model,
                              const WordFrontEndTensors& front_end, Arena& arena) {
  weight_ = allocate_dense(kernels, front_end.features, model.channels, arena);
  word_ = arena.take<std::uint8_t>(model.max_bytes);
  features_ = arena.take<std::int8_t>(model.max_time * front_end.features);
  ends_ = arena.take<std::uint32_t>(model.max_time);
  gemm_scratch_ =
      arena.take<std::byte>(kernels.gemm_scratch(model.max_time, front_end.features, front_end.features));
}

void WordProjection::prepare(const Kernels& kernels, const WordFrontEndTensors& front_end) {
  tensors_ = &front_end;
  prepare_dense(kernels, front_end.projection, {1.0f, 0}, {&front_end.pre.scale, 1}, weight_);
}

std::size_t WordProjection::run(const Kernels& kernels, std::span<const std::uint8_t> text,
                                std::int8_t* out) const {
  const std::size_t count = tensors_->features;
  std::size_t time = 0;
  Words words(text, word_);
  for (auto word = words.next(); word; word = words.next(), ++time) {
    ternary_features(*word, features_.subspan(time * count, count));
    ends_[time] = static_cast<std::uint32_t>(words.end());
  }
  kernels.gemm(weight_, {features_.data(), count}, time, nullptr, tensors_->pre.zero_point, out,
               weight_.outputs, gemm_scratch_.data());
  for (std::size_t i = 0; i < time * weight_.outputs; ++i)
    out[i] = tensors_->activation[static_cast<std::size_t>(out[i] + 128)];
  return time;
}

}  // namespace byteflow
