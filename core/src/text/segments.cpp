#include "text/segments.h"

#include "text/utf8_state.h"

namespace byteflow {

namespace {

struct Character {
  std::uint32_t code_point = 0;
  std::size_t length = 0;  // bytes
};

// A byte that begins no well-formed character is one by itself: U+FFFD.
Character first_character(std::span<const std::uint8_t> text) {
  if (text[0] < 0x80) return {text[0], 1};
  constexpr Character malformed = {0xFFFD, 1};
  Utf8State state;
  Character character;
  do {
    if (character.length == text.size()) return malformed;
    const std::uint8_t byte = text[character.length];
    if (!state.accepts(byte, 4)) return malformed;
    state = state.after(byte);
    // A lead byte of n bytes begins with n ones and a zero, a continuation byte with 10.
    const std::uint32_t payload = character.length > 0 ? 0x3F
                                  : byte < 0xE0        ? 0x1F
                                  : byte < 0xF0        ? 0x0F
                                                       : 0x07;
    character.code_point = character.code_point << 6 | (byte & payload);
    ++character.length;
  } while (!state.at_boundary());
  return character;
}

// Unicode's property White_Space.
bool is_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Blocks of radicals, kana, Han and their punctuation: at least 3 bytes each.
bool stands_alone(std::uint32_t c) {
  return (c >= 0x2E80 && c <= 0x312F) || (c >= 0x3190 && c <= 0xA4CF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFF66 && c <= 0xFF9F) || (c >= 0x20000 && c <= 0x3FFFF);
}

}  // namespace

std::optional<Segment> Segments::next() {
  const auto character = [&] { return first_character(text_.subspan(at_)); };
  while (at_ < text_.size() && is_space(character().code_point)) at_ += character().length;
  if (at_ == text_.size()) return std::nullopt;
  Segment segment = {at_, at_};
  while (at_ < text_.size()) {
    const auto [code_point, length] = character();
    const bool alone = stands_alone(code_point);
    if (is_space(code_point) || (alone && segment.end > segment.begin)) break;
    segment.end = at_ += length;
    if (alone) break;
  }
  return segment;
}

}  // namespace byteflow
