// Errors as values. The core never throws, prints or aborts: what can fail returns a Status or a Result,
// whose message names the thing at fault.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace byteflow {

enum class Code : std::uint8_t {
  ok = 0,
  not_a_model = 1,          // the bytes are no .byteflow file
  unsupported_version = 2,  // a .byteflow file of a version or kind that this build does not read
  invalid_model = 3,        // a .byteflow file that is damaged or contradicts itself
  invalid_argument = 4,     // the caller's fault
  out_of_memory = 5,
  over_limit = 6,  // the model asks for more than Limits allow
};

// A piece of a message: text or a whole number.
struct MessagePart {
  constexpr MessagePart(std::string_view t) : text(t) {}
  constexpr MessagePart(const char* t) : text(t) {}
  constexpr MessagePart(std::int64_t n) : number(n), is_number(true) {}
  constexpr MessagePart(unsigned n) : number(n), is_number(true) {}
  constexpr MessagePart(unsigned long n) : number(static_cast<std::int64_t>(n)), is_number(true) {}
  constexpr MessagePart(unsigned long long n) : number(static_cast<std::int64_t>(n)), is_number(true) {}
  constexpr MessagePart(int n) : number(n), is_number(true) {}

  std::string_view text;
  std::int64_t number = 0;
  bool is_number = false;
};

class [[nodiscard]] Status {
 public:
  Status() = default;

  // The parts are joined; what exceeds the message's room is cut.
  static Status error(Code code, std::initializer_list<MessagePart> parts) {
    Status status;
    status.code_ = code;
    for (const MessagePart& part : parts) {
      std::array<char, 24> digits;  // an int64 has at most 20 characters
      std::string_view text = part.text;
      if (part.is_number) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), part.number);
        text = {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())};
      }
      const std::size_t room = status.message_.size() - status.length_;
      const std::size_t count = text.size() < room ? text.size() : room;
      std::memcpy(status.message_.data() + status.length_, text.data(), count);
      status.length_ = static_cast<std::uint8_t>(status.length_ + count);
    }
    return status;
  }

  [[nodiscard]] bool ok() const { return code_ == Code::ok; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] std::string_view message() const { return {message_.data(), length_}; }

 private:
  Code code_ = Code::ok;
  std::uint8_t length_ = 0;
  std::array<char, 200> message_ = {};
};

// Either a value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(status) {}

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] T& value() { return *value_; }
  [[nodiscard]] const T& value() const { return *value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace byteflow
