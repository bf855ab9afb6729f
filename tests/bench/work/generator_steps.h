// A generator's network without its search, so that any search can turn it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "byteflow/model.h"
#include "byteflow/status.h"
#include "kernels/kernels.h"
#include "networks/decoder.h"
#include "networks/text_encoder.h"

namespace byteflow::bench {

class GeneratorSteps {
 public:
  // The file of `model` and `kernels` must outlive this. A step has `beams` rows at most.
  Status load(const Model& model, const Kernels& kernels, std::size_t beams);

  void begin(std::span<const std::uint8_t> text);

  // Codes of the logits [rows, 259], valid until the next step.
  std::span<const std::int8_t> step(std::span<const std::uint16_t> parents,
                                    std::span<const std::uint16_t> ids);

 private:
  Model model_;
  const Kernels* kernels_ = nullptr;
  TextEncoder encoder_;
  Decoder decoder_;
  std::span<std::int8_t> logits_;  // [beams, 259]
};

// The same network, whose logits are floats that were never rounded to 8 bits.
class UnroundedSteps {
 public:
  Status load(const Model& model, const Kernels& kernels, std::size_t beams);
  void begin(std::span<const std::uint8_t> text) { steps_.begin(text); }
  std::span<const float> step(std::span<const std::uint16_t> parents, std::span<const std::uint16_t> ids);

 private:
  GeneratorSteps steps_;  // hands the rows through instead of making logits of them
  std::size_t channels_ = 0;
  Activation rows_;
  Dense output_;
  std::vector<std::int8_t> identity_;  // [259, channels]
  std::vector<float> ones_;            // [259]
  std::vector<std::int32_t> zeros_;    // [259]
  std::vector<float> logits_;          // [rows, 259]
};

}  // namespace byteflow::bench
