// Texts scored by a model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byteflow/classifier.h"
#include "timed_kernels.h"

namespace byteflow::bench {

class TextWork {
 public:
  // `model` is the content of a model file, `frames` texts as tests/identity/frames.js writes them.
  TextWork(std::string_view model, std::string_view frames, std::string_view backend);

  // Why nothing can be scored; empty when all is well.
  [[nodiscard]] const std::string& fault() const { return fault_; }

  [[nodiscard]] std::size_t count() const { return texts_.size(); }
  [[nodiscard]] std::size_t bytes(std::size_t index) const { return texts_[index].size(); }
  void score(std::size_t index);

  // Scores every text; with the kernels timed it takes longer, but knows where the time goes.
  void score_all();
  std::vector<KernelTime> score_all_timed();

 private:
  std::vector<std::byte> room_;  // the model, and what aligns it as its reader wants it
  std::vector<std::vector<std::uint8_t>> texts_;
  std::optional<Classifier> classifier_;
  std::vector<float> logits_, probabilities_;
  std::string fault_;
};

}  // namespace byteflow::bench
