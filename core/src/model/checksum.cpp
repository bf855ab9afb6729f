#include "model/checksum.h"

#include <array>

namespace byteflow {

namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // 0x04C11DB7 with its bits reversed

// Entry i is the remainder of byte i.
constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    table[i] = remainder;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t step(std::uint32_t crc, std::uint32_t byte) { return (crc >> 8) ^ kTable[(crc ^ byte) & 0xFF]; }

}  // namespace

std::uint32_t checksum(std::span<const std::byte> file, std::size_t hole) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : file.first(hole)) crc = step(crc, static_cast<std::uint32_t>(byte));
  for (int i = 0; i < 4; ++i) crc = step(crc, 0);
  for (const std::byte byte : file.subspan(hole + 4)) crc = step(crc, static_cast<std::uint32_t>(byte));
  return ~crc;
}

}  // namespace byteflow
