#include "layers/transformer.h"

#include <algorithm>
#include <array>

#include "layers/dense.h"
#include "model/limits.h"
#include "quant/norm_epsilon.h"

namespace byteflow {

void TransformerScratch::allocate(const Kernels& kernels, const Model& model,
                                  const TransformerTensors& encoder, Arena& arena) {
  const std::size_t rows = model.max_time * model.channels;
  normed = arena.take<std::int8_t>(rows);
  query = arena.take<std::int8_t>(rows);
  key = arena.take<std::int8_t>(rows);
  value = arena.take<std::int8_t>(rows);
  hidden = arena.take<std::int8_t>(model.max_time * encoder.feed_forward);
  attention.allocate(model.max_time, arena);
  const std::size_t widest = std::max(model.channels, encoder.feed_forward);
  gemm = arena.take<std::byte>(kernels.gemm_scratch(model.max_time, widest, widest));
}

void TransformerBlock::allocate(const Kernels& kernels, const Model& model, const TransformerTensors& encoder,
                                Arena& arena) {
  channels_ = model.channels;
  for (PackedWeight* square : {&query_, &key_, &value_, &output_})
    *square = allocate_dense(kernels, channels_, channels_, arena);
  feed_forward_.allocate(kernels, channels_, encoder.feed_forward, arena);
}

void TransformerBlock::prepare(const Kernels& kernels, const Model& model, const TransformerTensors& encoder,
                               std::size_t index) {
  const TransformerBlockTensors& block = encoder.block[index];
  tensors_ = &block;
  input_ = index == 0 ? encoder.positioned : encoder.block[index - 1].feed_forward.output;
  queried_ = block.pool > 1 ? block.pooled : input_;
  input_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, input_.scale);
  queried_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, queried_.scale);
  const AttentionTensors& attention = block.attention;
  attention_.prepare(attention, channels_, encoder.heads);
  prepare_dense(kernels, attention.query, block.norm, {&attention.query_code.scale, 1}, query_);
  prepare_dense(kernels, attention.key, block.norm, {&attention.key_code.scale, 1}, key_);
  prepare_dense(kernels, attention.value, block.norm, {&attention.value_code.scale, 1}, value_);
  prepare_dense(kernels, block.output, attention.context, {&block.feed_forward.input.scale, 1}, output_);
  feed_forward_.prepare(kernels, block.feed_forward, model.norm_epsilon);
}

// Means of `pool` neighbours, in place: row j is written after the rows from j * pool on were read.
std::size_t TransformerBlock::pool(const Kernels& kernels, std::int8_t* x, std::size_t time) const {
  static constexpr std::array<std::int16_t, kMaxPool> ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const float multiplier = input_.scale / queried_.scale;
  std::size_t pooled = 0;
  for (std::size_t start = 0; start < time; start += tensors_->pool, ++pooled) {
    const std::size_t count = std::min(tensors_->pool, time - start);
    kernels.mix({x + start * channels_, channels_}, std::span(ones).first(count), input_.zero_point,
                multiplier / static_cast<float>(count), queried_.zero_point, channels_,
                x + pooled * channels_);
  }
  return pooled;
}

std::size_t TransformerBlock::run(const Kernels& kernels, std::int8_t* x, std::size_t time,
                                  const TransformerScratch& scratch) const {
  std::int8_t* const normed = scratch.normed.data();
  const TransformerBlockTensors& block = *tensors_;
  const auto normalize = [&](std::size_t rows, float epsilon, Activation out) {
    kernels.norm(x, rows, channels_, epsilon, out.scale, out.zero_point, normed);
  };
  const auto project = [&](const PackedWeight& weight, std::size_t rows, std::span<std::int8_t> out) {
    kernels.gemm(weight, {normed, channels_}, rows, nullptr, 0, out.data(), channels_, scratch.gemm.data());
  };
  normalize(time, input_epsilon_, block.norm);
  project(key_, time, scratch.key);
  project(value_, time, scratch.value);
  std::size_t queries = time;
  if (block.pool > 1) {
    queries = pool(kernels, x, time);
    normalize(queries, queried_epsilon_, block.norm);
  }
  project(query_, queries, scratch.query);
  attention_.run(kernels, scratch.query.data(), queries, scratch.key.data(), scratch.value.data(), time,
                 scratch.attention, normed);
  const Activation attended = block.feed_forward.input;
  const Residual queried = {{x, channels_}, queried_.zero_point, queried_.scale / attended.scale};
  kernels.gemm(output_, {normed, channels_}, queries, &queried, attended.zero_point, x, channels_,
               scratch.gemm.data());
  feed_forward_.run(kernels, x, queries, normed, scratch.hidden.data(), scratch.gemm.data());
  return queries;
}

}  // namespace byteflow
