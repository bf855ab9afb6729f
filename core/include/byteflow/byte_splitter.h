// Text to ids: id = byte + 3, EOS last (core/src/quant/README.md section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace byteflow {

inline constexpr std::uint16_t kPadding = 0;
inline constexpr std::uint16_t kEos = 1;
inline constexpr std::uint16_t kMask = 2;
inline constexpr std::uint16_t kFirstByte = 3;
inline constexpr std::size_t kVocabulary = 259;  // 256 bytes + padding, EOS, MASK

// Length of the longest prefix of at most `max_bytes` bytes that does not end inside a UTF-8 character.
std::size_t prefix_length(std::span<const std::uint8_t> text, std::size_t max_bytes);

// Writes the ids of the prefix and EOS; returns their number, at least 1. `ids` has room for max_bytes + 1.
std::size_t split_bytes(std::span<const std::uint8_t> text, std::size_t max_bytes,
                        std::span<std::uint16_t> ids);

}  // namespace byteflow
