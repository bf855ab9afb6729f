// Which byte may come next in well-formed UTF-8 (RFC 3629, section 4): no overlong form, no surrogate,
// nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>

namespace byteflow {

class Utf8State {
 public:
  [[nodiscard]] bool at_boundary() const { return pending_ == 0; }

  // Bytes of the unfinished character so far.
  [[nodiscard]] std::size_t begun() const { return begun_; }

  // `room`: bytes that still fit. A character is begun only where it can be finished.
  [[nodiscard]] bool accepts(std::uint8_t byte, std::size_t room) const {
    if (!at_boundary()) return lowest_ <= byte && byte <= highest_;
    const std::size_t length = character_length(byte);
    return length > 0 && length <= room;
  }

  // The state after a byte that is accepted.
  [[nodiscard]] Utf8State after(std::uint8_t byte) const {
    Utf8State next;
    next.pending_ = static_cast<std::uint8_t>((at_boundary() ? character_length(byte) : pending_) - 1);
    if (next.at_boundary()) return next;
    next.begun_ = static_cast<std::uint8_t>(begun_ + 1);
    if (!at_boundary()) return next;
    if (byte == 0xE0) next.lowest_ = 0xA0;   // below: two bytes were enough
    if (byte == 0xED) next.highest_ = 0x9F;  // above: surrogates
    if (byte == 0xF0) next.lowest_ = 0x90;   // below: three bytes were enough
    if (byte == 0xF4) next.highest_ = 0x8F;  // above: beyond U+10FFFF
    return next;
  }

 private:
  // 0: no character starts so.
  static std::size_t character_length(std::uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  std::uint8_t begun_ = 0, pending_ = 0;
  std::uint8_t lowest_ = 0x80, highest_ = 0xBF;  // of the next byte inside a character
};

}  // namespace byteflow
