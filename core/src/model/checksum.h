// CRC-32 of a model file (model.fbs, Checksum): finds every flipped bit, whatever it stood for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace byteflow {

// Of the whole file, with the four bytes at `hole`, where the checksum itself is kept, taken as zero.
std::uint32_t checksum(std::span<const std::byte> file, std::size_t hole);

}  // namespace byteflow
