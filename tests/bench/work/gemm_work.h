// One gemm with operands of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace byteflow::bench {

class GemmWork {
 public:
  GemmWork(const Kernels& kernels, std::size_t rows, std::size_t inputs, std::size_t outputs);

  void run(std::size_t times);
  [[nodiscard]] std::size_t macs() const { return rows_ * weight_.inputs * weight_.outputs; }

 private:
  const Kernels& kernels_;
  std::size_t rows_;
  std::vector<std::int8_t> input_;   // [rows, inputs]
  std::vector<std::int8_t> output_;  // [rows, outputs]
  std::vector<std::byte> packed_, scratch_;
  std::vector<std::int32_t> bias_;
  std::vector<float> multiplier_;
  PackedWeight weight_;
};

}  // namespace byteflow::bench
