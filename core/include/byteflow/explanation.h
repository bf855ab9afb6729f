// Which words of a text have made a score what it is (core/src/quant/README.md section 10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace byteflow {

// A word of a text, bytes [begin, end), and what it has added to a label's logit. A word is a run of whole
// characters between white space; where a script has no spaces (Han, kana) each character is one.
struct WordWeight {
  std::uint32_t begin = 0, end = 0;
  float weight = 0;
};

// The most words that a text of so many bytes has: two in a row have white space between them, or one is a
// character of 3 bytes.
constexpr std::size_t max_words_explained(std::size_t bytes) { return (bytes + 1) / 2; }

// rest and all weights add up to the logit, but for the rounding of the pooled mean.
struct Explanation {
  std::span<WordWeight> words;  // in the order of the text
  float rest = 0;               // the label's bias, and what no word has part in
  float logit = 0, probability = 0;
};

}  // namespace byteflow
