// Model files for tests: the golden ones, and altered copies at an aligned address.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "byteflow/model.h"

namespace byteflow {

class AlignedBytes {
 public:
  explicit AlignedBytes(const std::vector<char>& content) : size_(content.size()) {
    data_ = static_cast<std::byte*>(::operator new (size_ + 1, std::align_val_t{kModelAlignment}));
    std::copy_n(reinterpret_cast<const std::byte*>(content.data()), size_, data_);
  }
  ~AlignedBytes() { ::operator delete (data_, std::align_val_t{kModelAlignment}); }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  [[nodiscard]] std::span<std::byte> span() const { return {data_, size_}; }

 private:
  std::size_t size_;
  std::byte* data_;
};

inline std::vector<char> read_file(const std::string& name) {
  std::ifstream file(std::string(BYTEFLOW_GOLDEN) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace byteflow
