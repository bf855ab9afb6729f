#include "byteflow/byte_splitter.h"

namespace byteflow {

namespace {

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

std::size_t prefix_length(std::span<const std::uint8_t> text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text.size();
  // A UTF-8 character has at most 3 continuation bytes; after more the text is no UTF-8 and there is no
  // character to keep whole.
  const std::size_t lowest = max_bytes > 3 ? max_bytes - 3 : 0;
  std::size_t cut = max_bytes;
  while (cut > lowest && is_continuation(text[cut])) --cut;
  return is_continuation(text[cut]) ? max_bytes : cut;
}

std::size_t split_bytes(std::span<const std::uint8_t> text, std::size_t max_bytes,
                        std::span<std::uint16_t> ids) {
  const std::size_t length = prefix_length(text, max_bytes);
  for (std::size_t i = 0; i < length; ++i) ids[i] = static_cast<std::uint16_t>(text[i] + kFirstByte);
  ids[length] = kEos;
  return length + 1;
}

}  // namespace byteflow
