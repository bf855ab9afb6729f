// The first character of a text, whatever its bytes are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "text/utf8_state.h"

namespace byteflow {

struct Character {
  std::uint32_t code_point = 0;
  std::size_t length = 0;  // bytes
};

// `text` is not empty. A byte that begins no well-formed character is one by itself: U+FFFD.
inline Character first_character(std::span<const std::uint8_t> text) {
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

}  // namespace byteflow
