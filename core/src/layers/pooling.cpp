#include "layers/pooling.h"

#include <algorithm>

#include "quant/norm_epsilon.h"
#include "quant/requantize.h"

namespace byteflow {

void AttentionMaxPooling::allocate(const Model& model, Arena& arena) {
  channels_ = model.channels;
  normed_ = arena.take<std::int8_t>(model.max_time * channels_);
  shares_ = arena.take<std::int32_t>(model.max_time);
}

void AttentionMaxPooling::prepare(const Model& model, Activation input) {
  tensors_ = &model.pooling;
  epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, input.scale);
  attention_multiplier_ =
      multiplier(tensors_->norm.scale, tensors_->attention.scales[0], tensors_->attention_code.scale);
}

void AttentionMaxPooling::run(const Kernels& kernels, const std::int8_t* x, std::size_t time,
                              std::span<std::int32_t> pooled) const {
  const Activation norm = tensors_->norm;
  kernels.norm(x, time, channels_, epsilon_, norm.scale, norm.zero_point, normed_.data());
  const Rows y = {normed_.data(), channels_};
  const auto shares = shares_.first(time);
  kernels.dot(y, time, norm.zero_point, tensors_->attention.weight.data(), channels_, 1, shares.data());
  for (std::int32_t& logit : shares) logit = requantize(logit, attention_multiplier_, 0);
  const std::int32_t highest = *std::max_element(shares.begin(), shares.end());
  std::int32_t total = 0;
  for (std::int32_t& share : shares) {
    share = tensors_->exp[static_cast<std::size_t>(highest - share)];
    total += share;
  }
  const float scale =
      4194304.0f / static_cast<float>(total);  // 2^22: shares of 255 steps still sum within int32
  for (std::int32_t& share : shares) share = round_to_int32(static_cast<float>(share) * scale);
  kernels.pool(y, time, channels_, norm.zero_point, shares.data(), pooled.data());
}

}  // namespace byteflow
