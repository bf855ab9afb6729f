#include "layers/transformer.h"

#include <algorithm>
#include <cmath>

#include "layers/dense.h"
#include "model/limits.h"
#include "quant/norm_epsilon.h"
#include "quant/requantize.h"

namespace byteflow {

namespace {

// Queries whose scores are held at once: the memory for scores grows with the time, not with its square.
constexpr std::size_t kQueries = 8;

}  // namespace

void TransformerScratch::allocate(const Kernels& kernels, const Model& model,
                                  const TransformerTensors& encoder, Arena& arena) {
  const std::size_t rows = model.max_time * model.channels;
  normed = arena.take<std::int8_t>(rows);
  query = arena.take<std::int8_t>(rows);
  key = arena.take<std::int8_t>(rows);
  value = arena.take<std::int8_t>(rows);
  hidden = arena.take<std::int8_t>(model.max_time * encoder.feed_forward);
  stride = model.max_time;
  scores = arena.take<std::int8_t>(kQueries * stride);
  shares = arena.take<std::int16_t>(kQueries * stride);
  const std::size_t widest = std::max(model.channels, encoder.feed_forward);
  gemm = arena.take<std::byte>(kernels.gemm_scratch(model.max_time, widest, widest));
}

void TransformerBlock::allocate(const Kernels& kernels, const Model& model, const TransformerTensors& encoder,
                                Arena& arena) {
  channels_ = model.channels;
  heads_ = encoder.heads;
  for (PackedWeight* square : {&query_, &key_, &value_, &output_})
    *square = allocate_dense(kernels, channels_, channels_, arena);
  up_ = allocate_dense(kernels, channels_, encoder.feed_forward, arena);
  down_ = allocate_dense(kernels, encoder.feed_forward, channels_, arena);
}

void TransformerBlock::prepare(const Kernels& kernels, const Model& model, const TransformerTensors& encoder,
                               std::size_t index) {
  const TransformerBlockTensors& block = encoder.block[index];
  tensors_ = &block;
  input_ = index == 0 ? encoder.positioned : encoder.block[index - 1].residual;
  queried_ = block.pool > 1 ? block.pooled : input_;
  input_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, input_.scale);
  queried_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, queried_.scale);
  attended_epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, block.attended.scale);
  const std::size_t width = channels_ / heads_;
  score_multiplier_ = (block.query_code.scale * block.key_code.scale) /
                      (block.score_code.scale * std::sqrt(static_cast<float>(width)));
  context_multiplier_ = block.value_code.scale / block.context.scale;
  prepare_dense(kernels, block.query, block.norm, {&block.query_code.scale, 1}, query_);
  prepare_dense(kernels, block.key, block.norm, {&block.key_code.scale, 1}, key_);
  prepare_dense(kernels, block.value, block.norm, {&block.value_code.scale, 1}, value_);
  prepare_dense(kernels, block.output, block.context, {&block.attended.scale, 1}, output_);
  prepare_dense(kernels, block.up, block.attended_norm, {&block.up_code.scale, 1}, up_);
  prepare_dense(kernels, block.down, block.hidden, {&block.residual.scale, 1}, down_);
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

// Softmax of one row of scores; returns what a weighted sum of values is multiplied by.
float TransformerBlock::share(const std::int8_t* scores, std::size_t time, std::int16_t* shares) const {
  const std::int32_t highest = *std::max_element(scores, scores + time);
  std::int32_t total = 0;
  for (std::size_t u = 0; u < time; ++u)
    total += tensors_->exp[static_cast<std::size_t>(highest - scores[u])];
  const float scale = 32767.0f / static_cast<float>(total);
  std::int32_t sum = 0;
  for (std::size_t u = 0; u < time; ++u) {
    const std::int32_t numerator = tensors_->exp[static_cast<std::size_t>(highest - scores[u])];
    const std::int32_t rounded = round_to_int32(static_cast<float>(numerator) * scale);
    shares[u] = static_cast<std::int16_t>(rounded);
    sum += rounded;
  }
  return context_multiplier_ / static_cast<float>(sum);
}

// Contexts of all heads, into scratch.normed.
void TransformerBlock::attend(const Kernels& kernels, std::size_t queries, std::size_t time,
                              const TransformerScratch& scratch) const {
  const std::size_t width = channels_ / heads_;
  for (std::size_t head = 0; head < channels_; head += width) {
    const Rows key = {scratch.key.data() + head, channels_}, value = {scratch.value.data() + head, channels_};
    for (std::size_t first = 0; first < queries; first += kQueries) {
      const std::size_t count = std::min(kQueries, queries - first), at = first * channels_ + head;
      kernels.attention_scores({scratch.query.data() + at, channels_}, count, key, time, width,
                               score_multiplier_, scratch.scores.data(), scratch.stride);
      std::array<float, kQueries> multiplier;
      for (std::size_t r = 0; r < count; ++r)
        multiplier[r] = share(scratch.scores.data() + r * scratch.stride, time,
                              scratch.shares.data() + r * scratch.stride);
      kernels.attention_mix(scratch.shares.data(), scratch.stride, count, value, time, width,
                            multiplier.data(), scratch.normed.data() + at, channels_);
    }
  }
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
  attend(kernels, queries, time, scratch);
  const Residual queried = {{x, channels_}, queried_.zero_point, queried_.scale / block.attended.scale};
  kernels.gemm(output_, {normed, channels_}, queries, &queried, block.attended.zero_point, x, channels_,
               scratch.gemm.data());

  normalize(queries, attended_epsilon_, block.attended_norm);
  std::int8_t* const hidden = scratch.hidden.data();
  kernels.gemm(up_, {normed, channels_}, queries, nullptr, block.up_code.zero_point, hidden, up_.outputs,
               scratch.gemm.data());
  for (std::size_t i = 0; i < queries * up_.outputs; ++i)
    hidden[i] = block.activation[static_cast<std::size_t>(hidden[i] + 128)];
  const Residual attended = {
      {x, channels_}, block.attended.zero_point, block.attended.scale / block.residual.scale};
  kernels.gemm(down_, {hidden, up_.outputs}, queries, &attended, block.residual.zero_point, x, channels_,
               scratch.gemm.data());
  return queries;
}

}  // namespace byteflow
