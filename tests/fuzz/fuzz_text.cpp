// Bytes that claim to be a text: what ByteSplitter, Segments, Words, the normalizer, Lexicon and Utf8State
// promise of them, whatever they are.

#include <algorithm>
#include <string_view>

#include "byteflow/byte_splitter.h"
#include "byteflow/explanation.h"
#include "operands.h"
#include "text/lexicon.h"
#include "text/normalizer.h"
#include "text/segments.h"
#include "text/utf8_state.h"
#include "text/words.h"

using namespace byteflow;

namespace {

using Bytes = std::vector<std::uint8_t>;

bool is_continuation(std::uint8_t byte) { return byte >= 0x80 && byte < 0xC0; }

void split(const Bytes& text, std::size_t max_bytes) {
  const std::size_t length = prefix_length(text, max_bytes);
  require(length <= text.size() && length <= max_bytes, "a prefix is no longer than what it is of");
  require(length + 3 >= std::min(text.size(), max_bytes), "a cut moves back by 3 bytes at most");
  require(length == text.size() || length == max_bytes || !is_continuation(text[length]),
          "a cut that moves back ends before a character");
  std::vector<std::uint16_t> ids(max_bytes + 1);
  const std::size_t count = split_bytes(text, max_bytes, ids);
  require(count == length + 1 && ids[length] == kEos, "an id a byte, and EOS");
  for (std::size_t i = 0; i < length; ++i) require(ids[i] == text[i] + kFirstByte, "id = byte + 3");
}

void segment(const Bytes& text) {
  Segments segments(text);
  std::size_t count = 0, end = 0;
  for (auto found = segments.next(); found; found = segments.next(), ++count) {
    require(found->begin >= end && found->begin < found->end && found->end <= text.size(),
            "segments follow each other");
    end = found->end;
  }
  require(count <= max_words_explained(text.size()), "no more segments than there is room for");
}

void split_words(const Bytes& text) {
  Bytes scratch(text.size());
  Words words(text, scratch);
  std::size_t count = 0, end = 0;
  std::vector<std::int8_t> features(200);
  for (auto word = words.next(); word; word = words.next(), ++count) {
    require(!word->empty(), "no word is empty");
    require(words.end() >= end && words.end() <= text.size(), "words follow each other");
    end = words.end();
    ternary_features(*word, features);
    for (const std::int8_t feature : features) require(feature >= -1 && feature <= 1, "features are ternary");
  }
  require(count >= 1 && count <= max_words(text.size()), "EOS, and no more words than there is room for");
  require(!words.next(), "nothing follows EOS");
}

void read_letters(const Bytes& text) {
  Bytes letters(text.size());
  std::vector<std::uint32_t> ends(text.size());
  const std::size_t count = normalize(text, letters, ends);
  require(count <= text.size(), "a text has no more letters than bytes");
  for (std::size_t i = 0; i < count; ++i)
    require(ends[i] > (i == 0 ? 0 : ends[i - 1] - 1) && ends[i] <= text.size(), "letters follow each other");
  if (std::ranges::all_of(text, [](std::uint8_t byte) { return byte < 0x80; })) {
    for (std::size_t i = 0; i < count; ++i)
      require(letters[i] == text[ends[i] - 1], "letters are those of the text");
  }
}

// As many letters, digits and separators: bytes by chance seldom have letters that are pulled apart.
Bytes spelled(const Bytes& text) {
  constexpr std::string_view kAlphabet = "aZ7 .-_*";
  Bytes out;
  for (const std::uint8_t byte : text) out.push_back(static_cast<std::uint8_t>(kAlphabet[byte % 8]));
  return out;
}

// Of a word in lower case, as those of Words are, EOS alone excepted.
bool is_kept(std::uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

// The bits that a filter of so many bytes has where it knows a text, by the definition
// (core/src/quant/README.md, "Lexicon").
std::vector<std::size_t> bits_of(const Bytes& text, std::size_t filter_bytes) {
  Bytes scratch(text.size());
  Words words(text, scratch);
  std::vector<std::size_t> bits;
  for (auto word = words.next(); word; word = words.next()) {
    while (!word->empty() && !is_kept(word->front())) word = word->subspan(1);
    while (!word->empty() && !is_kept(word->back())) word = word->first(word->size() - 1);
    if (word->empty()) continue;
    const WordHash hash(*word);
    for (std::uint64_t j = 0; j < 6; ++j)
      bits.push_back((hash.low() + j * (hash.high() | 1)) % (8 * filter_bytes));
  }
  return bits;
}

// A filter of bytes of the text, then with the text's words in it, then without one of their bits.
void look_up(const Bytes& text, std::size_t choice) {
  std::vector<std::int8_t> filter(std::size_t{64} << choice % 4);
  for (std::size_t i = 0; i < filter.size(); ++i) filter[i] = static_cast<std::int8_t>(text[i % text.size()]);
  const std::vector<std::size_t> bits = bits_of(text, filter.size());
  const auto mask = [](std::size_t bit) { return static_cast<std::int8_t>(1 << bit % 8); };
  const auto is_set = [&](std::size_t bit) { return (filter[bit / 8] & mask(bit)) != 0; };
  Bytes scratch(text.size());
  const auto knows = [&](const Lexicon& lexicon) { return lexicon.knows(text, scratch); };
  require(knows(Lexicon()), "no lexicon knows every text");
  require(knows(Lexicon(filter)) == std::ranges::all_of(bits, is_set),
          "a lexicon knows a text whose words have their bits, and no other");
  for (const std::size_t bit : bits) filter[bit / 8] |= mask(bit);
  require(knows(Lexicon(filter)), "a lexicon knows the words that were put into it");
  if (bits.empty()) return;
  const std::size_t lost = bits[choice % bits.size()];
  filter[lost / 8] &= static_cast<std::int8_t>(~mask(lost));
  require(!knows(Lexicon(filter)), "a lexicon does not know a word that lacks a bit");
}

// A text written as the search writes one: whatever byte is wanted, only an accepted one is taken.
void write(const Bytes& wanted, std::size_t room) {
  Bytes written;
  Utf8State state;
  for (const std::uint8_t byte : wanted) {
    if (written.size() == room) break;
    if (!state.accepts(byte, room - written.size())) continue;
    written.push_back(byte);
    state = state.after(byte);
    require(state.begun() <= 3 && state.begun() <= written.size(), "a character has at most 4 bytes");
  }
  written.resize(written.size() - state.begun());
  // Well-formed by RFC 3629, decoded by hand.
  for (std::size_t i = 0; i < written.size();) {
    const std::uint8_t lead = written[i];
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    require(i + length <= written.size(), "a character is whole");
    std::uint32_t code = length == 1 ? lead : lead & (0x7F >> length);
    for (std::size_t k = 1; k < length; ++k) {
      require(is_continuation(written[i + k]), "continuation bytes follow a lead byte");
      code = code << 6 | (written[i + k] & 0x3F);
    }
    const std::uint32_t lowest = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    require(code >= lowest && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF),
            "a character is in its shortest form, and one");
    i += length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t limit = data[0] + 1;
  const Bytes text(data + 1, data + size);
  split(text, limit);
  segment(text);
  split_words(text);
  read_letters(text);
  read_letters(spelled(text));
  look_up(text, limit);
  write(text, limit);
  return 0;
}
