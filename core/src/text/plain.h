// Whether a name can be shown and compared as it stands.
#pragma once

#include <string_view>

#include "text/utf8_state.h"

namespace byteflow {

// Well-formed UTF-8 without control characters (U+0000..1F, U+007F..9F): a terminal obeys those, and a
// decoder would make ill-formed names equal.
inline bool is_plain(std::string_view text) {
  Utf8State state;
  std::uint8_t before = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte < 0xA0) || !state.accepts(byte, 4))
      return false;
    state = state.after(byte);
    before = byte;
  }
  return state.at_boundary();
}

}  // namespace byteflow
