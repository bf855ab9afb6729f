// A set of words that takes nine bits a word: a Bloom filter (core/src/quant/README.md, "Lexicon").
#pragma once

#include <cstdint>
#include <span>

namespace byteflow {

class Lexicon {
 public:
  // No lexicon: it knows every text.
  Lexicon() = default;

  // `filter` has a power of two of bytes and outlives the lexicon.
  explicit Lexicon(std::span<const std::int8_t> filter) : filter_(filter) {}

  // Whether every word of the text is in the set; of words that are not, 1 in 100 passes for one that is.
  // `scratch` has room for the text.
  [[nodiscard]] bool knows(std::span<const std::uint8_t> text, std::span<std::uint8_t> scratch) const;

 private:
  [[nodiscard]] bool has(std::span<const std::uint8_t> word) const;

  std::span<const std::int8_t> filter_;
};

}  // namespace byteflow
