#include "text/segments.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "byteflow/explanation.h"
#include "random_data.h"
#include "text_bytes.h"

using namespace byteflow;

namespace {

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> found;
  Segments segments(bytes(text));
  while (const auto segment = segments.next())
    found.emplace_back(text.substr(segment->begin, segment->end - segment->begin));
  return found;
}

using Pieces = std::vector<std::string>;

}  // namespace

TEST_CASE("words lie between white space, Unicode's too") {
  CHECK(pieces("").empty());
  CHECK(pieces(" \t\r\n\v\f\u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000").empty());
  CHECK(pieces("you, too!") == Pieces{"you,", "too!"});
  CHECK(pieces("  a\u00a0b\u2009c ") == Pieces{"a", "b", "c"});
  CHECK(pieces(std::string_view("a\0b\x1f", 4)) ==
        Pieces{std::string("a\0b\x1f", 4)});  // controls are no white space
  CHECK(pieces("e\u0301t\u00e9 \U0001f468\u200d\U0001f469") ==
        Pieces{"e\u0301t\u00e9", "\U0001f468\u200d\U0001f469"});
  CHECK(pieces("a\u200bb") == Pieces{"a\u200bb"});  // a zero-width space is no White_Space
}

TEST_CASE("characters of scripts without spaces stand alone") {
  CHECK(pieces("\u4f60\u597d") == Pieces{"\u4f60", "\u597d"});
  CHECK(pieces("ab\u3042cd\u30a2") == Pieces{"ab", "\u3042", "cd", "\u30a2"});
  CHECK(pieces("\u4f60\u3000\u597d\u3002") == Pieces{"\u4f60", "\u597d", "\u3002"});
  CHECK(pieces("\U00020000\uff76\ufa0e") == Pieces{"\U00020000", "\uff76", "\ufa0e"});
  CHECK(pieces("\uc548\ub155 \uff28\uff29") ==
        Pieces{"\uc548\ub155", "\uff28\uff29"});  // Hangul, fullwidth Latin
}

TEST_CASE("bytes that are no UTF-8 are characters of a word, and no white space is found inside them") {
  CHECK(pieces("\xff\xfe a") == Pieces{"\xff\xfe", "a"});
  CHECK(pieces("\xe2\x80") == Pieces{"\xe2\x80"});  // the beginning of U+2003
  CHECK(pieces("\xe2\x80 a") == Pieces{"\xe2\x80", "a"});
  CHECK(pieces("\xc0\xa0x") == Pieces{"\xc0\xa0x"});        // an overlong space
  CHECK(pieces("\xed\xa0\x80") == Pieces{"\xed\xa0\x80"});  // a surrogate
  CHECK(pieces("\xa0\x85") == Pieces{"\xa0\x85"});          // Latin-1's white space
  CHECK(pieces("\xe4\xbd\xe4\xbd\xa0") == Pieces{"\xe4\xbd", "\xe4\xbd\xa0"});
}

TEST_CASE("a text has no more words than there is room for, and they cover all but white space") {
  RandomData random(3);
  const std::string_view parts[] = {"a", " ", "\u4f60", "\u00a0", "\xe4", "\U00020000", "\u3000", "\x80"};
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    const std::int32_t count = random.integer(0, 12);
    for (std::int32_t i = 0; i < count; ++i) text += parts[random.integer(0, 7)];
    const auto found = pieces(text);
    CHECK(found.size() <= max_words_explained(text.size()));
    std::string joined, rest = text;
    for (const std::string& piece : found) joined += piece;
    for (const std::string_view space : {" ", "\u00a0", "\u3000"})
      for (std::size_t at; (at = rest.find(space)) != std::string::npos;) rest.erase(at, space.size());
    if (text.find('\xe4') == std::string::npos && text.find('\x80') == std::string::npos)
      CHECK(joined == rest);
  }
  CHECK(pieces("a a").size() == max_words_explained(3));
  CHECK(pieces("a\u4f60"
               "a")
            .size() == max_words_explained(5));
}
