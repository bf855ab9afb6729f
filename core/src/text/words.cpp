#include "text/words.h"

#include <algorithm>
#include <array>

#include "text/ascii.h"

namespace byteflow {

namespace {

constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;  // MurmurHash2's
constexpr std::uint64_t kHighMultiplier = 0x9e3779b97f4a7835;

// No text has this word: a text's words are in lower case.
constexpr std::array<std::uint8_t, 5> kEosWord = {'<', 'E', 'O', 'S', '>'};

std::uint64_t mix(std::uint64_t x) { return x ^ (x >> 47); }

// At most eight bytes as a little-endian number; bytes count from 0 to 255 on every machine.
std::uint64_t number(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | bytes[i];
  return value;
}

std::uint8_t lower(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte - 'A' + 'a') : byte;
}

}  // namespace

Words::Words(std::span<const std::uint8_t> text, std::span<std::uint8_t> scratch)
    : size_(text.size()), rest_(text), scratch_(scratch) {}

std::optional<std::span<const std::uint8_t>> Words::next() {
  const auto begin = std::find_if_not(rest_.begin(), rest_.end(), is_ascii_space);
  const auto end = std::find_if(begin, rest_.end(), is_ascii_space);
  rest_ = {end, rest_.end()};
  if (begin == end) {
    if (ended_) return std::nullopt;
    ended_ = true;
    return kEosWord;
  }
  std::transform(begin, end, scratch_.begin(), lower);
  return scratch_.first(static_cast<std::size_t>(end - begin));
}

WordHash::WordHash(std::span<const std::uint8_t> word) : low_(word.size() * kMultiplier) {
  for (; word.size() >= 8; word = word.subspan(8)) {
    low_ = (low_ ^ (mix(number(word.first(8)) * kMultiplier) * kMultiplier)) * kMultiplier;
    high_ ^= low_;
  }
  if (!word.empty()) {
    low_ = (low_ ^ number(word)) * kMultiplier;
    high_ ^= low_;
  }
  low_ = mix(low_) * kMultiplier;
  high_ = mix((high_ ^ low_) * kHighMultiplier) * kHighMultiplier;
  low_ = mix(low_);
}

void WordHash::advance() {
  const std::uint64_t mixed = mix(low_) * kMultiplier;
  low_ = mix((high_ ^ mixed) * kHighMultiplier) * kHighMultiplier;
  high_ = mix(mixed);
}

void ternary_features(std::span<const std::uint8_t> word, std::span<std::int8_t> features) {
  static constexpr std::array<std::int8_t, 4> ternary = {0, 1, -1, 0};
  WordHash hash(word);
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (i > 0 && i % 64 == 0) hash.advance();
    const std::uint64_t bits = i % 64 < 32 ? hash.low() : hash.high();
    features[i] = ternary[(bits >> (2 * (i % 32))) & 3];
  }
}

}  // namespace byteflow
