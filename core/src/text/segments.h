// Text to the pieces that a reader points at (core/src/quant/README.md section 10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace byteflow {

// Bytes [begin, end) of a text.
struct Segment {
  std::size_t begin = 0, end = 0;
};

// Runs of whole characters between white space (Unicode's), one by one. A character of a script that is
// written without spaces (Han, kana) is a segment of its own.
class Segments {
 public:
  explicit Segments(std::span<const std::uint8_t> text) : text_(text) {}

  std::optional<Segment> next();

 private:
  std::span<const std::uint8_t> text_;
  std::size_t at_ = 0;
};

}  // namespace byteflow
