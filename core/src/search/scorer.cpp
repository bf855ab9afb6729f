#include "search/scorer.h"

#include <algorithm>
#include <functional>

#include "quant/requantize.h"

namespace byteflow {

Status Scorer::prepare(const SearchTables& tables) {
  if (tables.exp.size() != 256 || tables.log.size() != 256)
    return Status::error(Code::invalid_model, {"search: the exp and log tables must have 256 entries, not ",
                                               tables.exp.size(), " and ", tables.log.size()});
  if (tables.exp[0] != 32768 || *std::max_element(tables.exp.begin(), tables.exp.end()) != 32768)
    return Status::error(Code::invalid_model, {"search: the exp table must start at 32768, its maximum"});
  const auto falls = std::adjacent_find(tables.log.begin(), tables.log.end(), std::greater_equal<>());
  if (tables.log[0] != 0 || falls != tables.log.end() || tables.log[255] >= Logarithm::kLn2)
    return Status::error(Code::invalid_model, {"search: the log table must rise from 0 to less than ",
                                               std::int64_t{Logarithm::kLn2}});
  if (!(tables.scale > 0 && tables.scale <= kMaxLogitScale))
    return Status::error(Code::invalid_model, {"search: the logits' scale must lie above 0 and up to 16"});
  exp_ = tables.exp;
  logarithm_ = Logarithm(tables.log);
  step_ = round_to_int32(tables.scale * 1048576.0f);  // 2^20; at most 2^24
  return {};
}

void Scorer::set_length_penalty(float alpha) { alpha_ = round_to_int32(alpha * 65536.0f); }

Distribution Scorer::distribution(std::span<const std::int8_t> logits,
                                  std::span<const std::uint16_t> ids) const {
  std::int32_t highest = -128;
  for (const std::uint16_t id : ids) highest = std::max<std::int32_t>(highest, logits[id]);
  std::uint32_t total = 0;  // 2^15 .. 259 * 2^15
  for (const std::uint16_t id : ids) total += exp_[static_cast<std::size_t>(highest - logits[id])];
  return {logits, ids, highest, logarithm_.of(total) - 15 * Logarithm::kLn2};
}

// A sum over 2^14 ids is above -2^46 (each: 255 codes * 2^24 and ln 259), so the shift stays within int64.
Score Scorer::normalized(Score log_probability, std::size_t length) const {
  const Score ratio = logarithm_.of(5 + std::max<std::size_t>(length, 1)) - logarithm_.of(6);
  const auto penalty = static_cast<Score>(logarithm_.exp(alpha_ * ratio >> 16, 16));  // 2^16 is 1
  return -((-log_probability << 16) / std::max<Score>(penalty, 1));
}

}  // namespace byteflow
