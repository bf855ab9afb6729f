#include "layers/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "quant/requantize.h"

namespace byteflow {

namespace {

// Queries whose scores are held at once: the memory for scores grows with the time, not with its square.
constexpr std::size_t kQueries = 8;

}  // namespace

void AttentionScratch::allocate(std::size_t max_time, Arena& arena) {
  stride = max_time;
  scores = arena.take<std::int8_t>(kQueries * stride);
  shares = arena.take<std::int16_t>(kQueries * stride);
}

void Attention::prepare(const AttentionTensors& tensors, std::size_t channels, std::size_t heads) {
  channels_ = channels;
  width_ = channels / heads;
  exp_ = tensors.exp;
  score_multiplier_ = (tensors.query_code.scale * tensors.key_code.scale) /
                      (tensors.score_code.scale * std::sqrt(static_cast<float>(width_)));
  context_multiplier_ = tensors.value_code.scale / tensors.context.scale;
}

// Softmax of one row of scores; returns what a weighted sum of values is multiplied by.
float Attention::share(const std::int8_t* scores, std::size_t time, std::int16_t* shares) const {
  const std::int32_t highest = *std::max_element(scores, scores + time);
  std::int32_t total = 0;
  for (std::size_t u = 0; u < time; ++u) total += exp_[static_cast<std::size_t>(highest - scores[u])];
  const float scale = 32767.0f / static_cast<float>(total);
  std::int32_t sum = 0;
  for (std::size_t u = 0; u < time; ++u) {
    const std::int32_t numerator = exp_[static_cast<std::size_t>(highest - scores[u])];
    const std::int32_t rounded = round_to_int32(static_cast<float>(numerator) * scale);
    shares[u] = static_cast<std::int16_t>(rounded);
    sum += rounded;
  }
  return context_multiplier_ / static_cast<float>(sum);
}

void Attention::run(const Kernels& kernels, const std::int8_t* query, std::size_t queries,
                    const std::int8_t* key, const std::int8_t* value, std::size_t time,
                    const AttentionScratch& scratch, std::int8_t* context) const {
  for (std::size_t head = 0; head < channels_; head += width_) {
    const Rows keys = {key + head, channels_}, values = {value + head, channels_};
    for (std::size_t first = 0; first < queries; first += kQueries) {
      const std::size_t count = std::min(kQueries, queries - first), at = first * channels_ + head;
      kernels.attention_scores({query + at, channels_}, count, keys, time, width_, score_multiplier_,
                               scratch.scores.data(), scratch.stride);
      std::array<float, kQueries> multiplier;
      for (std::size_t r = 0; r < count; ++r)
        multiplier[r] = share(scratch.scores.data() + r * scratch.stride, time,
                              scratch.shares.data() + r * scratch.stride);
      kernels.attention_mix(scratch.shares.data(), scratch.stride, count, values, time, width_,
                            multiplier.data(), context + at, channels_);
    }
  }
}

}  // namespace byteflow
