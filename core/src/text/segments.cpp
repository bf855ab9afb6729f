#include "text/segments.h"

#include "text/character.h"

namespace byteflow {

namespace {

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
