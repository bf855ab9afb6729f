// Text to words, and a word to bits (core/src/quant/README.md section 9).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace byteflow {

// Words of the longest text, EOS included: each but the last is followed by white space.
constexpr std::size_t max_words(std::size_t max_bytes) { return (max_bytes + 1) / 2 + 1; }

// The words of a text one by one, in lower case, then EOS.
class Words {
 public:
  // `scratch` has room for the text.
  Words(std::span<const std::uint8_t> text, std::span<std::uint8_t> scratch);

  // Valid until the next call; nothing after EOS.
  std::optional<std::span<const std::uint8_t>> next();

  // Where in the text the last word ends.
  [[nodiscard]] std::size_t end() const { return size_ - rest_.size(); }

 private:
  std::size_t size_ = 0;
  std::span<const std::uint8_t> rest_;
  std::span<std::uint8_t> scratch_;
  bool ended_ = false;
};

// A word's bits, 128 at a time and without end.
class WordHash {
 public:
  explicit WordHash(std::span<const std::uint8_t> word);

  [[nodiscard]] std::uint64_t low() const { return low_; }
  [[nodiscard]] std::uint64_t high() const { return high_; }

  // The next 128 bits.
  void advance();

 private:
  std::uint64_t low_ = 0, high_ = 0;
};

// Two bits a feature from the low end: 0, +1, -1, 0.
void ternary_features(std::span<const std::uint8_t> word, std::span<std::int8_t> features);

}  // namespace byteflow
