// What a model may cost. A file that asks for more is refused (Code::over_limit) before memory is taken for
// it or anything is computed. What a file may hold at all is fixed: src/model/limits.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace byteflow {

struct Limits {
  // Bytes of the one block of memory that a network takes, the model's file not counted. As much as a
  // WebAssembly module may have.
  std::uint64_t max_memory = std::uint64_t{1} << 28;

  // Multiply-additions of one call with the longest text: of a score, of reading a text to write another, of
  // a step of writing. The released classifier takes 2^30; a core that does 2^33 a second takes 1 s for the
  // limit.
  std::uint64_t max_work = std::uint64_t{1} << 33;

  // Multiply-additions of all steps of the longest text that can be written, with as many beams as the
  // generator was made for. civil-rewrite takes 2^33.5 with 32 beams; the same core takes 32 s for the limit.
  std::uint64_t max_writing = std::uint64_t{1} << 38;
};

}  // namespace byteflow
