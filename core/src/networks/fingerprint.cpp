#include "byteflow/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "search/pcg32.h"

namespace byteflow {

namespace {

// Lengths from nothing to past the cut at the longest text, and all of these at most: 2 KB are enough for
// every remainder of a tile, a block and a window.
constexpr std::size_t kTexts = 24, kLongestText = 2'048;

class Digest {
 public:
  void add(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3; }
  void add(std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) add(static_cast<std::uint8_t>(number >> shift));
  }
  void add(float number) { add(std::bit_cast<std::uint32_t>(number)); }
  template <typename T>
  void add(std::span<T> numbers) {
    for (const T number : numbers) add(number);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

class Texts {
 public:
  // Of four kinds in turn: words, one character over and over, characters of every length, bytes of any
  // value.
  std::span<const std::uint8_t> make(std::size_t number, std::size_t max_bytes) {
    Pcg32 random(max_bytes, number);
    const auto longest = static_cast<std::uint32_t>(std::min(max_bytes + 8, kLongestText));
    const std::size_t length = number == 0 ? 0 : number == 1 ? longest : random.below(longest + 1);
    const auto any = [&](std::uint32_t low, std::uint32_t high) {
      return static_cast<std::uint8_t>(low + random.below(high - low + 1));
    };
    for (std::size_t i = 0; i < length;) {
      const auto put = [&](std::uint8_t byte) {
        if (i < length) bytes_[i++] = byte;
      };
      switch (number % 4) {
        case 0:
          put(random.below(6) == 0 ? std::uint8_t{' '} : any('a', 'z'));
          break;
        case 1:
          put(static_cast<std::uint8_t>('a' + number));
          break;
        case 2:
          if (const std::uint32_t kind = random.below(4); kind == 0) {
            put(any(' ', '~'));
          } else {
            put(kind == 1 ? any(0xC3, 0xDF) : kind == 2 ? any(0xE1, 0xEC) : any(0xF1, 0xF3));
            for (std::uint32_t k = 0; k < kind; ++k) put(any(0x80, 0xBF));
          }
          break;
        default:
          put(any(0, 255));
      }
    }
    return std::span(bytes_).first(length);
  }

 private:
  std::array<std::uint8_t, kLongestText> bytes_ = {};
};

}  // namespace

std::uint64_t fingerprint(Classifier& classifier) {
  const Model& model = classifier.model();
  Digest digest;
  Texts texts;
  std::array<float, kMaxLabels> logits = {}, probabilities = {};
  std::array<WordWeight, max_words_explained(kLongestText)> words;
  for (std::size_t i = 0; i < kTexts; ++i) {
    const auto text = texts.make(i, model.max_bytes);
    const auto some = std::span(logits).first(model.label_count);
    if (!classifier.score(text, some, std::span(probabilities).first(model.label_count)).ok()) return 0;
    digest.add(some);
    digest.add(std::span(probabilities).first(model.label_count));
    const auto explained = classifier.explain(text, i % model.label_count, words);
    if (!explained.ok()) return 0;
    for (const WordWeight& word : explained.value().words) {
      digest.add(word.begin);
      digest.add(word.end);
      digest.add(word.weight);
    }
    digest.add(explained.value().rest);
  }
  return digest.value();
}

std::uint64_t fingerprint(Generator& generator) {
  Digest digest;
  Texts texts;
  SearchOptions options;
  options.beams = 1;
  options.max_length = std::min<std::size_t>(generator.model().decoder->max_length, 64);
  for (std::size_t i = 0; i < kTexts / 3; ++i) {
    if (!generator.begin(texts.make(i, generator.model().max_bytes), options).ok()) return 0;
    bool going = true;
    while (going) {
      going = generator.step();
      for (const std::int8_t code : generator.logits()) digest.add(static_cast<std::uint8_t>(code));
    }
    for (const Candidate& found : generator.candidates()) digest.add(found.text);
  }
  return digest.value();
}

}  // namespace byteflow
