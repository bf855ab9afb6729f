// From 8-bit logits to scores (../quant/README.md, "Beam search").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "byteflow/status.h"
#include "search/logarithm.h"

namespace byteflow {

inline constexpr float kMaxLogitScale = 16.0f;

// As stored in a model; they outlive whoever uses them.
struct SearchTables {
  std::span<const std::uint16_t> exp;  // [256]: round(2^15 exp(-scale * i))
  std::span<const std::int32_t> log;   // [256]: round(2^20 ln(1 + i / 256))
  float scale = 0;                     // of the logits; their zero point cancels
};

// One row of logits over the ids that are allowed there.
struct Distribution {
  std::span<const std::int8_t> logits;  // [259]
  std::span<const std::uint16_t> ids;   // ascending, at least one
  std::int32_t highest = 0;             // code
  Score log_total = 0;                  // ln of the sum of exp(logit - highest logit)
};

class Scorer {
 public:
  Status prepare(const SearchTables& tables);

  // `alpha` of the length penalty, between 0 and kMaxLengthPenalty.
  void set_length_penalty(float alpha);

  [[nodiscard]] Distribution distribution(std::span<const std::int8_t> logits,
                                          std::span<const std::uint16_t> ids) const;

  [[nodiscard]] Score log_probability(const Distribution& row, std::uint16_t id) const {
    return (row.logits[id] - row.highest) * step_ - row.log_total;
  }

  // log_probability / ((5 + length) / 6)^alpha. Never falls as the length grows.
  [[nodiscard]] Score normalized(Score log_probability, std::size_t length) const;

  [[nodiscard]] const Logarithm& logarithm() const { return logarithm_; }
  [[nodiscard]] Score step() const { return step_; }  // of one code

 private:
  std::span<const std::uint16_t> exp_;
  Logarithm logarithm_;
  Score step_ = 0;
  Score alpha_ = 0;  // 16 fractional bits
};

}  // namespace byteflow
