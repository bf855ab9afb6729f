// A text by its letters: without what hides words from a filter but not from a reader
// (core/src/quant/README.md section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace byteflow {

// Writes the letters and, for each of their bytes, where in `text` the character that it stands for ends;
// returns their number. They are never longer than `text`, so `letters` and `ends` have room for as many
// bytes.
std::size_t normalize(std::span<const std::uint8_t> text, std::span<std::uint8_t> letters,
                      std::span<std::uint32_t> ends);

}  // namespace byteflow
