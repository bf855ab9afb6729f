// Mutations that keep a file a model: a field of the configuration, a tensor or an activation gets another
// value, so that the faults behind the verifier are reached too. The checksum is made to fit before a file is
// read (model_bytes.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "model_bytes.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace byteflow {

class ModelMutator {
 public:
  ModelMutator(std::uint8_t* data, std::size_t size, unsigned seed)
      : data_(data), size_(size), random_(seed) {}

  // False where the bytes are no model, or chance wants bytes to be changed blindly.
  bool mutate() {
    flatbuffers::Verifier verifier(data_, size_);
    if (size_ < 8 || !file::ModelBufferHasIdentifier(data_) || !file::VerifyModelBuffer(verifier) ||
        below(8) == 0)
      return false;
    file::Model& root = *file::GetMutableModel(data_);
    switch (below(4)) {
      case 0:
        return change_config(root);
      case 1:
        return change_activation(root);
      default:
        return change_tensor(root);
    }
  }

 private:
  std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }
  std::uint32_t below(std::uint32_t count) { return draw() % count; }

  std::uint32_t number(std::uint32_t before) {
    const std::uint32_t choices[] = {0,  1,     before - 1, before + 1, 2 * before, before / 2, 16,
                                     17, 1'024, 16'384,     16'385,     0x7fffffff, 0xffffffff, draw()};
    return choices[below(std::size(choices))];
  }

  float real() {
    const float choices[] = {0,
                             -1,
                             1,
                             1e-9f,
                             1e6f,
                             1e-12f,
                             1e30f,
                             std::numeric_limits<float>::quiet_NaN(),
                             std::numeric_limits<float>::infinity(),
                             std::ldexp(1.0f, static_cast<int>(below(60)) - 30)};
    return choices[below(std::size(choices))];
  }

  // Scalars of a table lie in its own bytes: one of its four-byte fields, whichever it is.
  bool change_table(const void* table) {
    if (table == nullptr) return false;
    auto* at = reinterpret_cast<flatbuffers::Table*>(const_cast<void*>(table));
    const std::uint8_t* vtable = at->GetVTable();
    const auto fields =
        static_cast<std::uint32_t>(flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable) / 2 - 2);
    if (fields == 0) return false;
    const auto field = static_cast<flatbuffers::voffset_t>(4 + 2 * below(fields));
    std::uint8_t* value = at->GetAddressOf(field);
    if (value == nullptr || value + 4 > data_ + size_) return false;
    const auto before = flatbuffers::ReadScalar<std::uint32_t>(value);
    flatbuffers::WriteScalar(value, number(before));
    return true;
  }

  bool change_config(file::Model& root) {
    const void* tables[] = {root.front_end(), root.word_front_end(), root.encoder(), root.decoder()};
    if (below(6) == 0) return root.mutate_norm_epsilon(real());
    if (below(6) == 0 && root.front_end() != nullptr) {
      const auto* widths = root.front_end()->block_widths();
      if (widths->size() == 0) return false;
      const_cast<std::uint8_t*>(widths->data())[below(widths->size())] = static_cast<std::uint8_t>(number(4));
      return true;
    }
    return change_table(tables[below(std::size(tables))]);
  }

  bool change_activation(file::Model& root) {
    if (root.activations()->size() == 0) return false;
    auto* activation =
        const_cast<file::Activation*>(root.activations()->Get(below(root.activations()->size())));
    return below(2) == 0 ? activation->mutate_scale(real())
                         : activation->mutate_zero_point(
                               static_cast<std::int32_t>(below(2) == 0 ? number(127) : below(256) - 128));
  }

  bool change_tensor(file::Model& root) {
    if (root.tensors()->size() == 0) return false;
    const auto* tensor = root.tensors()->Get(below(root.tensors()->size()));
    auto* content = const_cast<std::uint8_t*>(tensor->data()->data());
    const std::uint32_t count = tensor->data()->size();
    switch (below(5)) {
      case 0:
        if (tensor->scales() == nullptr || tensor->scales()->size() == 0) return false;
        const_cast<float*>(tensor->scales()->data())[below(tensor->scales()->size())] = real();
        return true;
      case 1:
        if (tensor->shape()->size() == 0) return false;
        const_cast<std::uint32_t*>(tensor->shape()->data())[below(tensor->shape()->size())] = number(count);
        return true;
      case 2: {  // extremes all over
        const std::uint8_t fills[] = {0x81, 0x7f, 0x00, 0x80, 0xff};
        std::memset(content, fills[below(std::size(fills))], count);
        return true;
      }
      default:
        if (count == 0) return false;
        for (std::uint32_t i = below(16); i-- > 0;) content[below(count)] = static_cast<std::uint8_t>(draw());
        return true;
    }
  }

  std::uint8_t* data_;
  std::size_t size_;
  std::minstd_rand random_;
};

// Bytes as a text to read: made from the file, so that a run depends on nothing else.
inline std::vector<std::uint8_t> text_from(std::span<const std::byte> file) {
  std::uint32_t state = checksum(file, file.size() - 4);
  std::vector<std::uint8_t> text(state % 300);
  for (std::uint8_t& byte : text) {
    state = state * 1'664'525 + 1'013'904'223;
    byte = static_cast<std::uint8_t>(state >> 24);
    if ((state >> 16 & 3) != 0) byte = static_cast<std::uint8_t>("a b c\xC3\xA9\xE6\xBC"[byte % 9]);
  }
  return text;
}

}  // namespace byteflow

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  // FlatBuffers reads aligned numbers; libFuzzer's buffer is aligned to what malloc gives.
  return byteflow::ModelMutator(data, size, seed).mutate() ? size : LLVMFuzzerMutate(data, size, max_size);
}
