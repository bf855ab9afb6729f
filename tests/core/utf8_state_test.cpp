#include "text/utf8_state.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace byteflow;

namespace {

std::string encoded(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto more = [&](int shift) { return byte(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | point >> 6), more(0)};
  if (point < 0x10000) return {byte(0xE0 | point >> 12), more(6), more(0)};
  return {byte(0xF0 | point >> 18), more(12), more(6), more(0)};
}

// Characters of each length that begin with an accepted prefix.
void count(Utf8State state, std::size_t length, std::array<int, 5>& characters) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto next = static_cast<std::uint8_t>(byte);
    if (!state.accepts(next, 4)) continue;
    const Utf8State after = state.after(next);
    REQUIRE(length < 4);
    if (after.at_boundary()) {
      ++characters[length + 1];
    } else {
      REQUIRE(after.begun() == length + 1);
      count(after, length + 1, characters);
    }
  }
}

}  // namespace

TEST_CASE("every code point but the surrogates is accepted, and nothing else") {
  int accepted = 0;
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    Utf8State state;
    bool good = true;
    const std::string text = encoded(point);
    for (std::size_t i = 0; i < text.size() && good; ++i) {
      good = state.accepts(static_cast<std::uint8_t>(text[i]), text.size() - i);
      if (good) state = state.after(static_cast<std::uint8_t>(text[i]));
    }
    accepted += good && state.at_boundary();
  }
  CHECK(accepted == 0x110000 - 0x800);
  std::array<int, 5> characters = {};
  count({}, 0, characters);
  CHECK(characters == std::array<int, 5>{0, 0x80, 0x800 - 0x80, 0x10000 - 0x800 - 0x800, 0x100000});
}

TEST_CASE("a character is begun only where it can be finished") {
  const std::array<std::uint8_t, 4> leads = {'a', 0xC3, 0xE2, 0xF0};
  for (std::size_t needs = 1; needs <= leads.size(); ++needs) {
    CHECK(Utf8State().accepts(leads[needs - 1], needs));
    CHECK(!Utf8State().accepts(leads[needs - 1], needs - 1));
  }
}
