#include "text/words.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "text_bytes.h"

using namespace byteflow;

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::uint8_t> scratch(text.size());
  std::vector<std::string> out;
  Words words(bytes(text), scratch);
  for (auto word = words.next(); word; word = words.next()) out.emplace_back(word->begin(), word->end());
  CHECK(!words.next());
  return out;
}

}  // namespace

TEST_CASE("words are lowered, parted at white space and closed by EOS") {
  using List = std::vector<std::string>;
  CHECK(words_of("") == List{"<EOS>"});
  CHECK(words_of(" \t\r\n\v\f ") == List{"<EOS>"});
  CHECK(words_of("One, TWO\nthree ") == List{"one,", "two", "three", "<EOS>"});
  CHECK(words_of("<EOS> @[`{") == List{"<eos>", "@[`{", "<EOS>"});
  // No white space, no letter of ASCII: NUL, NEL, no-break space, a capital of another alphabet.
  CHECK(words_of({"a\0b \xc2\x85\xc2\xa0\xd0\x9f", 10}) ==
        List{{"a\0b", 3}, "\xc2\x85\xc2\xa0\xd0\x9f", "<EOS>"});
}

TEST_CASE("no text has more words than there is room for") {
  for (std::size_t length = 0; length < 12; ++length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += i % 2 == 0 ? 'a' : ' ';
    CHECK(words_of(text).size() == max_words(length));
  }
}

TEST_CASE("hashes are those of SeqFlowLite") {
  // Its projection_util.cc, compiled; for bytes above 127 with an unsigned char.
  const struct {
    std::string_view word;
    std::uint64_t low, high, next_low, next_high;
  } vectors[] = {
      {"", 0, 0, 0, 0},
      {"a", 0x071717d2d36b6b11, 0x4c2d7e1f9b22b50e, 0x7fb6c01b80abd431, 0x9578c3f9da166e5a},
      {"hello", 0x1e68d17c457bf117, 0x1aec33d7dd3e8013, 0xadfbdbee6b76d0f0, 0xecff177c7ffc23c0},
      {"longword", 0xbadcff16a8e35183, 0xde5cf77fe69fae9c, 0xfa374a441ea4d199, 0xc6f8feb44ff05233},
      {"longerword", 0x3363b7e0ee54a354, 0x5809b568f3a879d1, 0xa6221509e4b36b24, 0x2a7cccaf6d2c9d76},
      {"<EOS>", 0x47fd321388990c04, 0x935001a210b65e8a, 0x2ac32363ef36c049, 0xc46c80cc46db880f},
      {"incomprehensibilities", 0xf1ec9d9834c18758, 0xbd31558ebb71b04b, 0x805149d5716298aa,
       0xe2d89378b7c52da4},
      {"\xd0\xbf\xd1\x80", 0x7db67373f8b8de73, 0xcef9765d1d5c000f, 0xb2ab6e4dfd337369, 0x692dcd34b0450050},
      {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", 0xf270c5fcc5daac36, 0x577d82f4f99d9798,
       0x795a6b7a23eaac0a, 0xdab3db93a275a144},
  };
  for (const auto& vector : vectors) {
    CAPTURE(std::string(vector.word));
    WordHash hash(bytes(vector.word));
    CHECK(hash.low() == vector.low);
    CHECK(hash.high() == vector.high);
    hash.advance();
    CHECK(hash.low() == vector.next_low);
    CHECK(hash.high() == vector.next_high);
  }
}

TEST_CASE("features are two bits each, and fewer features are the first of more") {
  std::vector<std::int8_t> features(130), fewer(33);
  ternary_features(bytes("hello"), features);
  // 0x...f117 from the low end: 11 01 01 00 01 00 11 11
  CHECK(std::vector<std::int8_t>(features.begin(), features.begin() + 8) ==
        std::vector<std::int8_t>{0, 1, 1, 0, 1, 0, 0, 0});
  CHECK(features[32] == 0);   // 0x...8013 of the high half: 11
  CHECK(features[39] == -1);  // 0x8...: 10
  CHECK(features[64] == 0);   // 0x...d0f0 of the next 128 bits: 00
  CHECK(features[67] == 0);   // 0xf0: 11
  CHECK(features[69] == 0);   // 0xd0: 00
  CHECK(features[70] == 1);   // 01
  ternary_features(bytes("hello"), fewer);
  CHECK(std::equal(fewer.begin(), fewer.end(), features.begin()));
}
