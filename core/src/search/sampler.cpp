#include "search/sampler.h"

#include <algorithm>

#include "quant/requantize.h"

namespace byteflow {

void Sampler::begin(const Scorer& scorer, float temperature, std::size_t top_k, float top_p) {
  const Score divisor = round_to_int32(temperature * 65536.0f);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Score distance = (static_cast<Score>(i) * scorer.step() << 16) / divisor;
    weights_[i] = static_cast<std::uint32_t>(scorer.logarithm().exp(-distance, 22));
  }
  top_k_ = top_k == 0 ? kVocabulary : top_k;
  top_p_ = static_cast<std::uint64_t>(round_to_int32(top_p * 65536.0f));
}

std::size_t Sampler::cut(std::span<const Choice> choices, std::uint32_t& total) const {
  std::size_t count = std::min(top_k_, choices.size());
  total = 0;  // at most 259 * 2^22 < 2^31
  for (const Choice& choice : choices.first(count)) total += weights_[choice.distance];
  const std::uint64_t enough = top_p_ * total;
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    kept += weights_[choices[i].distance];
    if (std::uint64_t{kept} << 16 >= enough) count = i + 1;
  }
  total = kept;
  return count;
}

std::uint16_t Sampler::draw(const Distribution& row, Pcg32& generator) {
  const auto choices = std::span(choices_).first(row.ids.size());
  std::transform(row.ids.begin(), row.ids.end(), choices.begin(), [&row](std::uint16_t id) {
    return Choice{static_cast<std::uint8_t>(row.highest - row.logits[id]), id};
  });
  std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
  });
  std::uint32_t total = 0;
  const auto left = choices.first(cut(choices, total));
  std::uint32_t drawn = generator.below(total);
  for (const Choice& choice : left) {
    const std::uint32_t weight = weights_[choice.distance];
    if (drawn < weight) return choice.id;
    drawn -= weight;
  }
  return left.front().id;  // not reached: the weights sum to total
}

}  // namespace byteflow
