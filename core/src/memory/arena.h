// One block of memory for everything a network needs. Layers ask for their buffers twice in the same order:
// first of an Arena without memory, which only counts, then of one that has as much as was counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "byteflow/model.h"
#include "kernels/kernels.h"

namespace byteflow {

class Arena {
 public:
  Arena() = default;
  explicit Arena(std::byte* memory) : memory_(memory) {}

  // `count` elements, aligned to a cache line and followed by kSlack readable bytes. Empty while counting.
  template <typename T>
  std::span<T> take(std::size_t count) {
    const std::uint64_t at = used_;
    used_ += round_up(count * sizeof(T) + kSlack, kModelAlignment);  // count: at most 2^27 (model/limits.h)
    if (memory_ == nullptr) return {};
    return {reinterpret_cast<T*>(memory_ + at), count};
  }

  [[nodiscard]] std::uint64_t used() const { return used_; }

 private:
  std::byte* memory_ = nullptr;
  std::uint64_t used_ = 0;  // the sum may exceed what a 32-bit machine can address
};

struct FreeAligned {
  void operator()(std::byte* memory) const { ::operator delete (memory, std::align_val_t{kModelAlignment}); }
};
using AlignedMemory = std::unique_ptr<std::byte, FreeAligned>;

// Null when there is none to be had.
inline AlignedMemory allocate_aligned(std::size_t bytes) {
  return AlignedMemory(
      static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kModelAlignment}, std::nothrow)));
}

}  // namespace byteflow
