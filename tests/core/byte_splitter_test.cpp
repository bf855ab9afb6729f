#include "byteflow/byte_splitter.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "text_bytes.h"

using namespace byteflow;

TEST_CASE("ids are bytes plus three, and EOS ends every text") {
  std::vector<std::uint16_t> ids(11);
  REQUIRE(split_bytes(bytes({"a\0\xff", 3}), 10, ids) == 4);
  CHECK(ids[0] == 'a' + 3);
  CHECK(ids[1] == 3);
  CHECK(ids[2] == 258);
  CHECK(ids[3] == kEos);
  REQUIRE(split_bytes({}, 10, ids) == 1);
  CHECK(ids[0] == kEos);
}

TEST_CASE("a cut keeps whole characters") {
  const auto text = bytes("ab\u20ac\U0001f600");  // 2 + 3 + 4 bytes
  const std::size_t expected[] = {0, 1, 2, 2, 2, 5, 5, 5, 5, 9};
  for (std::size_t max_bytes = 0; max_bytes < 10; ++max_bytes)
    CHECK(prefix_length(text, max_bytes) == expected[max_bytes]);
}

TEST_CASE("bytes that are not UTF-8 are cut where the limit is") {
  CHECK(prefix_length(bytes(std::string(20, '\x80')), 10) == 10);
  CHECK(prefix_length(bytes(std::string(20, '\x80')), 2) == 2);
  CHECK(prefix_length(bytes(std::string(20, '\xff')), 10) == 10);
}
