#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "byteflow/model.h"

namespace byteflow::bench {

// `count` elements of `room` from the first one that lies at a cache line; `room` has kModelAlignment bytes
// more.
template <typename T>
std::span<T> aligned(std::vector<T>& room, std::size_t count) {
  const auto misfit = reinterpret_cast<std::uintptr_t>(room.data()) % kModelAlignment;
  return {room.data() + (kModelAlignment - misfit) % kModelAlignment / sizeof(T), count};
}

}  // namespace byteflow::bench
