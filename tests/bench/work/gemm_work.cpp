#include "gemm_work.h"

#include <cmath>
#include <random>

#include "aligned.h"

namespace byteflow::bench {

namespace {

std::vector<std::int8_t> random_codes(std::size_t count, std::mt19937& engine) {
  std::uniform_int_distribution<int> code(-127, 127);
  std::vector<std::int8_t> out(count + kSlack);
  for (std::int8_t& value : out) value = static_cast<std::int8_t>(code(engine));
  return out;
}

}  // namespace

GemmWork::GemmWork(const Kernels& kernels, std::size_t rows, std::size_t inputs, std::size_t outputs)
    : kernels_(kernels), rows_(rows), output_(rows * outputs + kSlack), bias_(outputs) {
  std::mt19937 engine(1);
  input_ = random_codes(rows * inputs, engine);
  const std::vector<std::int8_t> weight = random_codes(inputs * outputs, engine);
  const std::size_t size = kernels.packed_size(inputs, outputs);
  packed_.resize(size + kSlack + kModelAlignment);
  scratch_.resize(kernels.gemm_scratch(rows, inputs, inputs) + kSlack + kModelAlignment);
  // Keeps the outputs within 8 bits: an accumulator's standard deviation is 73^2 sqrt(K).
  multiplier_.assign(outputs, 32.0f / (73.0f * 73.0f * std::sqrt(static_cast<float>(inputs))));
  weight_ = {inputs, outputs, aligned(packed_, size), bias_, multiplier_};
  kernels.pack(weight.data(), inputs, outputs, weight_.data.data());
}

void GemmWork::run(std::size_t times) {
  std::byte* scratch = aligned(scratch_, 0).data();
  for (std::size_t i = 0; i < times; ++i)
    kernels_.gemm(weight_, {input_.data(), weight_.inputs}, rows_, nullptr, 0, output_.data(),
                  weight_.outputs, scratch);
}

}  // namespace byteflow::bench
