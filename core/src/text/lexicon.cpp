#include "text/lexicon.h"

#include <algorithm>
#include <iterator>

#include "text/words.h"

namespace byteflow {

namespace {

// Of nine bits a word, as autocorrect has, six hashes leave the fewest other words that pass: (1 - e^(-6 /
// 9))^6 = 1.3%.
constexpr std::uint64_t kHashes = 6;

// Of a word in lower case: letters and digits, and all that is not ASCII.
bool is_kept(std::uint8_t byte) {
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

// Without the punctuation at both ends.
std::span<const std::uint8_t> bare(std::span<const std::uint8_t> word) {
  const auto begin = std::find_if(word.begin(), word.end(), is_kept);
  const auto end = std::find_if(word.rbegin(), std::make_reverse_iterator(begin), is_kept).base();
  return {begin, end};
}

}  // namespace

bool Lexicon::has(std::span<const std::uint8_t> word) const {
  const WordHash hash(word);
  const std::uint64_t bits = 8 * filter_.size();
  for (std::uint64_t i = 0; i < kHashes; ++i) {
    const std::uint64_t bit = (hash.low() + i * (hash.high() | 1)) & (bits - 1);
    if (((static_cast<std::uint8_t>(filter_[bit / 8]) >> (bit % 8)) & 1) == 0) return false;
  }
  return true;
}

bool Lexicon::knows(std::span<const std::uint8_t> text, std::span<std::uint8_t> scratch) const {
  if (filter_.empty()) return true;
  Words words(text, scratch);
  for (auto word = words.next(); word; word = words.next())  // EOS is in upper case: nothing of it is kept
    if (const auto kept = bare(*word); !kept.empty() && !has(kept)) return false;
  return true;
}

}  // namespace byteflow
