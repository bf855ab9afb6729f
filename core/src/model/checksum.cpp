#include "model/checksum.h"

#include <array>
#include <cstring>

namespace byteflow {

namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // 0x04C11DB7 with its bits reversed

// Entry [0][i] is the remainder of byte i, [j][i] that of byte i and j zero bytes after it: eight bytes at a
// time instead of one
// ("slicing-by-8", Kounavis and Berry 2005), since a file is checked before an engine has compiled this well.
// Made for each check: 8 KB of random-looking constants would be a third of a module.
class Crc32 {
 public:
  Crc32() {
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t remainder = i;
      for (int bit = 0; bit < 8; ++bit)
        remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
      tables_[0][i] = remainder;
    }
    for (std::size_t j = 1; j < tables_.size(); ++j)
      for (std::size_t i = 0; i < 256; ++i) tables_[j][i] = step(tables_[j - 1][i], 0);
  }

  void add(std::span<const std::byte> bytes) {
    std::uint32_t crc = state_;
    while (bytes.size() >= 8) {
      const std::uint32_t a = crc ^ load32(bytes.data()), b = load32(bytes.data() + 4);
      crc = tables_[7][a & 0xFF] ^ tables_[6][a >> 8 & 0xFF] ^ tables_[5][a >> 16 & 0xFF] ^
            tables_[4][a >> 24] ^ tables_[3][b & 0xFF] ^ tables_[2][b >> 8 & 0xFF] ^
            tables_[1][b >> 16 & 0xFF] ^ tables_[0][b >> 24];
      bytes = bytes.subspan(8);
    }
    for (const std::byte byte : bytes) crc = step(crc, static_cast<std::uint32_t>(byte));
    state_ = crc;
  }

  [[nodiscard]] std::uint32_t value() const { return ~state_; }

 private:
  [[nodiscard]] std::uint32_t step(std::uint32_t crc, std::uint32_t byte) const {
    return (crc >> 8) ^ tables_[0][(crc ^ byte) & 0xFF];
  }

  // Little-endian, as every machine that byteflow runs on.
  static std::uint32_t load32(const std::byte* bytes) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  std::array<std::array<std::uint32_t, 256>, 8> tables_;
  std::uint32_t state_ = 0xFFFFFFFF;
};

}  // namespace

std::uint32_t checksum(std::span<const std::byte> file, std::size_t hole) {
  constexpr std::byte kZeros[4] = {};
  Crc32 crc;
  crc.add(file.first(hole));
  crc.add(kZeros);
  crc.add(file.subspan(hole + 4));
  return crc.value();
}

}  // namespace byteflow
