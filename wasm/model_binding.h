// What the bindings of all models share: memory that JavaScript fills and reads, and faults. Every view is
// into the module's memory and valid until the next call.
#pragma once

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "byteflow/model.h"
#include "byteflow/status.h"

namespace byteflow::binding {

EMSCRIPTEN_DECLARE_VAL_TYPE(Uint8Array)
EMSCRIPTEN_DECLARE_VAL_TYPE(Float32Array)
EMSCRIPTEN_DECLARE_VAL_TYPE(Float64Array)

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

template <typename T>
struct Buffer {
  std::unique_ptr<T[], Free> data;
  std::size_t size = 0;

  // Holds `count` elements, or is empty when memory is lacking.
  static Buffer allocate(std::size_t count) {
    // aligned_alloc wants a multiple of the alignment, and at least one.
    const std::size_t bytes = (count * sizeof(T) / kModelAlignment + 1) * kModelAlignment;
    Buffer buffer;
    buffer.data.reset(static_cast<T*>(std::aligned_alloc(kModelAlignment, bytes)));
    buffer.size = buffer.data ? count : 0;
    return buffer;
  }

  [[nodiscard]] std::span<T> span() const { return {data.get(), size}; }
};

template <typename T>
emscripten::val view(std::span<T> memory) {
  return emscripten::val(emscripten::typed_memory_view(memory.size(), memory.data()));
}

class ModelBinding {
 public:
  // To be filled before load.
  Uint8Array model_buffer() const { return Uint8Array(view(file_.span())); }

  // Why the latest call that may fail did so; empty when it did not.
  std::string error_message() const { return std::string(status_.message()); }

  std::string name() const { return std::string(name_); }
  std::string backend() const { return std::string(backend_); }
  std::size_t max_bytes() const { return max_bytes_; }

  // UTF-8 goes here before a text is read.
  Uint8Array text_buffer() const { return Uint8Array(view(text_.span())); }

 protected:
  explicit ModelBinding(Buffer<std::uint8_t> file) : file_(std::move(file)) {}

  // Null when memory is lacking.
  template <typename Binding>
  static Binding* create(std::size_t file_size) {
    auto file = Buffer<std::uint8_t>::allocate(file_size);
    if (!file.data) return nullptr;
    return new (std::nothrow) Binding(std::move(file));
  }

  [[nodiscard]] std::span<const std::byte> file() const { return std::as_bytes(file_.span()); }

  // What has been loaded; `network` keeps what is named here.
  template <typename Network>
  Status describe(const Network& network) {
    const Model& model = network.model();
    // 4 bytes more than is read: room for a whole UTF-8 character at the cut, so that a longer text is seen
    // to be longer.
    text_ = Buffer<std::uint8_t>::allocate(model.max_bytes + 4);
    if (!text_.data) return no_memory(model);
    name_ = model.name;
    backend_ = network.backend();
    max_bytes_ = model.max_bytes;
    return {};
  }

  static Status no_memory(const Model& model) {
    return Status::error(Code::out_of_memory, {"no memory for a text of ", model.max_bytes, " bytes"});
  }

  // The text that the caller has written; not more than there is room for.
  Status read_text(std::size_t length, std::span<const std::uint8_t>& text) const {
    if (max_bytes_ == 0) return Status::error(Code::invalid_argument, {"no model has been loaded"});
    if (length > text_.size)
      return Status::error(Code::invalid_argument,
                           {"a text of ", length, " bytes exceeds the text buffer of ", text_.size});
    text = text_.span().first(length);
    return {};
  }

  // 16 digits.
  static std::string hexadecimal(std::uint64_t number) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
    const std::string text(digits.data(), end.ptr);
    return std::string(digits.size() - text.size(), '0') + text;
  }

  int report(const Status& status) {
    status_ = status;
    return static_cast<int>(status.code());
  }

 private:
  Buffer<std::uint8_t> file_;  // outlives the network, which reads it in place
  Buffer<std::uint8_t> text_;
  std::string_view name_, backend_;
  std::size_t max_bytes_ = 0;
  Status status_;
};

}  // namespace byteflow::binding
