#include "text/normalizer.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "text_bytes.h"

namespace {

struct Normalized {
  std::string letters;
  std::vector<std::uint32_t> ends;
};

Normalized normalized(std::string_view text) {
  std::vector<std::uint8_t> letters(text.size());
  std::vector<std::uint32_t> ends(text.size());
  const std::size_t count = byteflow::normalize(bytes(text), letters, ends);
  ends.resize(count);
  return {{letters.begin(), letters.begin() + static_cast<std::ptrdiff_t>(count)}, ends};
}

std::string letters(std::string_view text) { return normalized(text).letters; }

}  // namespace

TEST_CASE("variants of a letter are that letter, in every typeface") {
  CHECK(letters("ｆｕｌｌ Ｗｉｄｔｈ！") == "full Width!");
  CHECK(letters("𝓼𝓬𝓻𝓲𝓹𝓽 𝔊𝔬𝔱𝔥𝔦𝔠 ⓒⓘⓡⓒⓛⓔⓓ ꜱᴍᴀʟʟ 🅽🅴🅶") == "script Gothic circled small NEG");
  CHECK(letters("naïve Ångström łø ſ x²") == "naive Angstrom lo s x2");
}

TEST_CASE("what is not seen by itself is left out") {
  CHECK(letters("fu\u200bn\u00adn\u2060y\ufeff") == "funny");
  CHECK(letters("z\u0351\u036b\u0343a\u0321l\u0489g\u0327o\u0334") == "zalgo");
  CHECK(letters("\u202eright\u202c") == "right");
  CHECK(letters("\u200b\ufe0f\u0301").empty());
  CHECK(letters("").empty());
}

TEST_CASE("look-alikes are letters where a word mixes scripts or can be read as English") {
  CHECK(letters("ѕtор іdіоt") == "stop idiot");
  CHECK(letters("ехо") == "exo");
  CHECK(letters("ροοr") == "poor");
  CHECK(letters("a\tѕ") == "a\ts");
}

TEST_CASE("words of other scripts stay as they are") {
  for (const std::string_view text : {"Привет, как дела?", "Καλημέρα", "שלום", "سلام", "こんにちは 漢字",
                                      "한국어", "😀👍🏽", "naive"})
    CHECK(letters(text) == text);
  CHECK(letters("¿qué?") == "¿que?");
}

TEST_CASE("letters that are pulled apart are joined") {
  CHECK(letters("s t u p i d") == "stupid");
  CHECK(letters("you s.t.u.p.i.d man") == "you stupid man");
  CHECK(letters("i-d-i-o-t! s_h_1_t f*o*o") == "idiot! sh1t foo");
  CHECK(letters("U.S.A.") == "USA.");
  CHECK(letters("a b cd e f g") == "a b cd efg");
  CHECK(letters("a.b c d e") == "a.b cde");
}

TEST_CASE("what only looks like letters pulled apart is left alone") {
  for (const std::string_view text : {"a b", "1.2.3.4", "e.g. this", "a  b  c", "a,b,c", "x y2 z", "I a am",
                                      "漢 a b", "- . * _", "a-b c-d"})
    CHECK(letters(text) == text);
}

TEST_CASE("bytes that are not UTF-8 are kept") {
  const std::string_view text = "\xff\xc3 \xe2\x82 a\x80";
  CHECK(letters(text) == text);
}

TEST_CASE("each letter knows where its character ends") {
  CHECK(normalized("ａ b").ends == std::vector<std::uint32_t>{3, 4, 5});
  CHECK(normalized("a\u0301\u200b漢").ends == std::vector<std::uint32_t>{1, 9, 9, 9});
  CHECK(normalized("x a b c y").letters == "xabcy");
  CHECK(normalized("x: a b c").ends == std::vector<std::uint32_t>{1, 2, 3, 4, 6, 8});
}
