// Bytes and floats as golden files write them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace byteflow {

inline std::vector<std::uint8_t> from_hex(const std::string& hex) {
  std::vector<std::uint8_t> out;
  if (hex == "-") return out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return out;
}

inline std::string to_hex(const std::vector<float>& values) {
  std::string out;
  for (const float value : values) {
    std::uint8_t bytes[4];
    std::memcpy(bytes, &value, 4);
    char digits[9];
    std::snprintf(digits, sizeof digits, "%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3]);
    out += digits;
  }
  return out;
}

}  // namespace byteflow
