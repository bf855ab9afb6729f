// What an engine gives at best: a backend's multiply-add instruction in a loop that touches registers only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace byteflow::bench {

struct Peak {
  std::string_view instruction;
  std::size_t macs;                         // of one round
  std::int32_t (*run)(std::size_t rounds);  // the result keeps the loop from being dropped
};

// Nothing for scalar: its loops have no instruction of their own.
std::optional<Peak> peak_of(std::string_view backend);

}  // namespace byteflow::bench
