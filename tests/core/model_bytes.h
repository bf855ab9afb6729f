// Model files for tests: the golden ones, and altered copies at an aligned address.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "byteflow/model.h"
#include "model/checksum.h"
#include "model_generated.h"

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

// A golden model, or the released one where only its vectors are golden.
inline std::vector<char> read_model_file(const std::string& name) {
  const std::vector<char> golden = read_file(name + ".byteflow");
  if (!golden.empty()) return golden;
  return read_file("../../models/" + name.substr(name.rfind('/') + 1) + ".byteflow");
}

// Makes the checksum of an altered file fit again, so that what comes after it is reached; a file without one
// is left alone.
inline void seal(std::span<std::byte> content) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  if (content.size() < 8 || !file::VerifyModelBuffer(verifier)) return;
  const auto* kept = file::GetModel(content.data())->checksum();
  const auto at = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(kept) - content.data());
  const std::uint32_t fitting = checksum(content, at);
  std::memcpy(content.data() + at, &fitting, sizeof fitting);
}

}  // namespace byteflow
