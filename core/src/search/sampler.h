// Draws ids by temperature, top-k and top-p, in integers: a seed gives the same text on every machine
// (../quant/README.md, "Beam search").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "byteflow/byte_splitter.h"
#include "search/pcg32.h"
#include "search/scorer.h"

namespace byteflow {

class Sampler {
 public:
  // `top_k` 0: all ids.
  void begin(const Scorer& scorer, float temperature, std::size_t top_k, float top_p);

  std::uint16_t draw(const Distribution& row, Pcg32& generator);

 private:
  struct Choice {
    std::uint8_t distance;  // codes below the highest
    std::uint16_t id;
  };

  // The likeliest ids that top-k and top-p leave, and the sum of their weights.
  std::size_t cut(std::span<const Choice> choices, std::uint32_t& total) const;

  std::array<std::uint32_t, 256> weights_ = {};  // 2^22 exp(-scale * distance / temperature)
  std::array<Choice, kVocabulary> choices_ = {};
  std::size_t top_k_ = 0;
  std::uint64_t top_p_ = 0;  // 16 fractional bits
};

}  // namespace byteflow
