#include "layers/matt.h"

#include <algorithm>
#include <utility>

#include "layers/dense.h"
#include "quant/norm_epsilon.h"
#include "quant/requantize.h"

namespace byteflow {

void MattScratch::allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena) {
  const std::size_t size = max_rows * model.channels, width = model.decoder->feed_forward;
  normed = arena.take<std::int8_t>(size);
  query = arena.take<std::int8_t>(size);
  running = arena.take<std::int8_t>(size);
  hidden = arena.take<std::int8_t>(max_rows * width);
  attention.allocate(model.max_time, arena);
  const std::size_t widest = std::max(model.channels, width), most_rows = std::max(max_rows, model.max_time);
  gemm = arena.take<std::byte>(kernels.gemm_scratch(most_rows, widest, widest));
}

void MattBlock::allocate(const Kernels& kernels, const Model& model, std::size_t max_rows, Arena& arena) {
  channels_ = model.channels;
  for (PackedWeight* square : {&query_, &key_, &value_, &running_, &output_})
    *square = allocate_dense(kernels, channels_, channels_, arena);
  feed_forward_.allocate(kernels, channels_, model.decoder->feed_forward, arena);
  keys_ = arena.take<std::int8_t>(model.max_time * channels_);
  values_ = arena.take<std::int8_t>(model.max_time * channels_);
  sums_ = arena.take<std::int32_t>(max_rows * channels_);
  next_sums_ = arena.take<std::int32_t>(max_rows * channels_);
}

void MattBlock::prepare(const Kernels& kernels, const Model& model, std::size_t index) {
  const DecoderTensors& decoder = *model.decoder;
  const MattBlockTensors& block = decoder.block[index];
  const AttentionTensors& attention = block.attention;
  tensors_ = &block;
  input_ = index == 0 ? decoder.embedded : decoder.block[index - 1].feed_forward.output;
  epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, input_.scale);
  context_multiplier_ = attention.context.scale / block.merged.scale;
  running_multiplier_ = block.running_code.scale / block.merged.scale;
  attention_.prepare(attention, channels_, decoder.heads);
  prepare_dense(kernels, attention.query, block.norm, {&attention.query_code.scale, 1}, query_);
  prepare_dense(kernels, attention.key, decoder.source_norm, {&attention.key_code.scale, 1}, key_);
  prepare_dense(kernels, attention.value, decoder.source_norm, {&attention.value_code.scale, 1}, value_);
  prepare_dense(kernels, block.running, block.norm, {&block.running_code.scale, 1}, running_);
  prepare_dense(kernels, block.output, block.merged, {&block.feed_forward.input.scale, 1}, output_);
  feed_forward_.prepare(kernels, block.feed_forward, model.norm_epsilon);
}

void MattBlock::read(const Kernels& kernels, const std::int8_t* source, std::size_t time,
                     const MattScratch& scratch) {
  time_ = time;
  const auto project = [&](const PackedWeight& weight, std::span<std::int8_t> out) {
    kernels.gemm(weight, {source, channels_}, time, nullptr, 0, out.data(), channels_, scratch.gemm.data());
  };
  project(key_, keys_);
  project(value_, values_);
  std::fill(sums_.begin(), sums_.end(), 0);
}

void MattBlock::run(const Kernels& kernels, std::size_t step, std::span<const std::uint16_t> parents,
                    std::int8_t* x, const MattScratch& scratch) {
  const std::size_t rows = parents.size();
  std::int8_t* const normed = scratch.normed.data();
  const auto project = [&](const PackedWeight& weight, std::span<std::int8_t> out) {
    kernels.gemm(weight, {normed, channels_}, rows, nullptr, 0, out.data(), channels_, scratch.gemm.data());
  };
  const Activation norm = tensors_->norm, attended = tensors_->feed_forward.input;
  kernels.norm(x, rows, channels_, epsilon_, norm.scale, norm.zero_point, normed);
  project(query_, scratch.query);
  project(running_, scratch.running);
  attention_.run(kernels, scratch.query.data(), rows, keys_.data(), values_.data(), time_, scratch.attention,
                 normed);
  merge(step, parents, scratch);
  const Residual residual = {{x, channels_}, input_.zero_point, input_.scale / attended.scale};
  kernels.gemm(output_, {normed, channels_}, rows, &residual, attended.zero_point, x, channels_,
               scratch.gemm.data());
  feed_forward_.run(kernels, x, rows, normed, scratch.hidden.data(), scratch.gemm.data());
}

// The sums of the parents and this step's rows, and their means added to the contexts in scratch.normed.
void MattBlock::merge(std::size_t step, std::span<const std::uint16_t> parents, const MattScratch& scratch) {
  const float mean_multiplier = running_multiplier_ / static_cast<float>(step);
  for (std::size_t row = 0; row < parents.size(); ++row) {
    const std::int32_t* before = sums_.data() + parents[row] * channels_;
    std::int32_t* now = next_sums_.data() + row * channels_;
    const std::int8_t* running = scratch.running.data() + row * channels_;
    std::int8_t* merged = scratch.normed.data() + row * channels_;
    for (std::size_t c = 0; c < channels_; ++c) {
      now[c] = before[c] + running[c];
      const float context = static_cast<float>(merged[c]) * context_multiplier_;
      merged[c] = clamp8(round_to_code(context + static_cast<float>(now[c]) * mean_multiplier));
    }
  }
  std::swap(sums_, next_sums_);
}

}  // namespace byteflow
