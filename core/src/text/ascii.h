// The classes of ASCII's characters that texts are divided by, whatever the locale.
#pragma once

#include <cstdint>

namespace byteflow {

inline bool is_ascii_space(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace byteflow
