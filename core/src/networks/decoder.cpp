#include "networks/decoder.h"

#include "byteflow/byte_splitter.h"
#include "layers/dense.h"
#include "quant/norm_epsilon.h"

namespace byteflow {

void Decoder::allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena) {
  tensors_ = &*model.decoder;
  channels_ = model.channels;
  window_.allocate(kernels, *tensors_, channels_, max_rows, arena);
  scratch_.allocate(kernels, model, max_rows, arena);
  for (std::size_t i = 0; i < tensors_->blocks; ++i) blocks_[i].allocate(kernels, model, max_rows, arena);
  output_ = allocate_dense(kernels, channels_, kVocabulary, arena);
  rows_ = arena.take<std::int8_t>(max_rows * channels_);
}

void Decoder::prepare(const Kernels& kernels, const Model& model, Activation source) {
  const DecoderTensors& t = *tensors_;
  source_positions_.prepare(t.source_position, t.source_position_scale, channels_, source, t.source);
  window_.prepare(kernels, t);
  for (std::size_t i = 0; i < t.blocks; ++i) blocks_[i].prepare(kernels, model, i);
  const Activation last = t.block[t.blocks - 1].feed_forward.output;
  source_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, t.source.scale);
  epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, last.scale);
  prepare_dense(kernels, t.output, t.norm, {&t.logits.scale, 1}, output_);
}

void Decoder::read(const Kernels& kernels, std::int8_t* source, std::size_t time) {
  const Activation norm = tensors_->source_norm;
  source_positions_.run(source, time);
  kernels.norm(source, time, channels_, source_epsilon_, norm.scale, norm.zero_point, source);
  for (std::size_t i = 0; i < tensors_->blocks; ++i) blocks_[i].read(kernels, source, time, scratch_);
  window_.begin();
  steps_ = 0;
}

void Decoder::step(const Kernels& kernels, std::span<const std::uint16_t> parents,
                   std::span<const std::uint16_t> ids, std::int8_t* logits) {
  const std::size_t rows = ids.size();
  std::int8_t* const x = rows_.data();
  window_.run(kernels, ++steps_, parents, ids, x);
  for (std::size_t i = 0; i < tensors_->blocks; ++i) blocks_[i].run(kernels, steps_, parents, x, scratch_);
  const Activation norm = tensors_->norm;
  kernels.norm(x, rows, channels_, epsilon_, norm.scale, norm.zero_point, x);
  kernels.gemm(output_, {x, channels_}, rows, nullptr, tensors_->logits.zero_point, logits, kVocabulary,
               scratch_.gemm.data());
}

}  // namespace byteflow
