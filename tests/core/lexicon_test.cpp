#include "text/lexicon.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "text/words.h"
#include "text_bytes.h"

using byteflow::Lexicon;
using byteflow::WordHash;

namespace {

// By the definition, not by the core's own look-up.
std::vector<std::int8_t> filter_of(const std::vector<std::string>& words, std::size_t size) {
  std::vector<std::int8_t> filter(size);
  for (const std::string& word : words) {
    const WordHash hash(bytes(word));
    for (std::uint64_t i = 0; i < 6; ++i) {
      const std::uint64_t bit = (hash.low() + i * (hash.high() | 1)) % (8 * size);
      filter[bit / 8] = static_cast<std::int8_t>(filter[bit / 8] | 1 << bit % 8);
    }
  }
  return filter;
}

bool knows(const Lexicon& lexicon, std::string_view text) {
  std::vector<std::uint8_t> scratch(text.size());
  return lexicon.knows(bytes(text), scratch);
}

}  // namespace

TEST_CASE("a lexicon knows its words in any case and between punctuation, and no others") {
  const auto filter = filter_of({"where", "don't", "caf\xc3\xa9", "2nd"}, 256);
  const Lexicon lexicon(filter);
  for (const std::string_view text : {"where", "Where", "\"WHERE?!\"", "where where", " where\n", "don't",
                                      "(Don't)", "caf\xc3\xa9", "2nd", "where 2nd", "", "...", "- -"})
    CHECK_MESSAGE(knows(lexicon, text), text);
  for (const std::string_view text :
       {"wher", "wheree", "where their", "dont", "caf", "2", "a", "where a", "<EOS>x"})
    CHECK_MESSAGE(!knows(lexicon, text), text);
}

TEST_CASE("what no lexicon is asked of passes") { CHECK(knows(Lexicon(), "anything")); }

TEST_CASE("few words that are not in a lexicon pass for one that is") {
  std::vector<std::string> words;
  for (int i = 0; i < 2'000; ++i) words.push_back("word" + std::to_string(i));
  const auto filter = filter_of(words, 2'048);  // 8.2 bits a word
  const Lexicon lexicon(filter);
  int wrong = 0;
  for (int i = 0; i < 2'000; ++i) {
    CHECK(knows(lexicon, words[static_cast<std::size_t>(i)]));
    wrong += knows(lexicon, "other" + std::to_string(i)) ? 1 : 0;
  }
  CHECK(wrong < 80);  // 2.0% of them are expected
  CHECK(wrong > 5);   // or nothing was asked
}
