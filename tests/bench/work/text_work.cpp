#include "text_work.h"

#include <algorithm>
#include <cstring>

#include "aligned.h"

namespace byteflow::bench {

TextWork::TextWork(std::string_view model, std::string_view frames, std::string_view backend)
    : room_(model.size() + kModelAlignment) {
  const std::span<std::byte> file = aligned(room_, model.size());
  std::memcpy(file.data(), model.data(), model.size());
  auto classifier = Classifier::create(file, backend);
  if (!classifier.ok()) {
    fault_ = classifier.status().message();
    return;
  }
  classifier_.emplace(std::move(classifier.value()));
  logits_.resize(classifier_->model().label_count);
  probabilities_.resize(logits_.size());

  std::uint32_t length = 0;
  while (frames.size() >= sizeof length) {
    std::memcpy(&length, frames.data(), sizeof length);
    const std::string_view text = frames.substr(sizeof length, length);
    texts_.emplace_back(text.begin(), text.end());
    frames.remove_prefix(sizeof length + text.size());
  }
}

void TextWork::score(std::size_t index) { (void)classifier_->score(texts_[index], logits_, probabilities_); }

void TextWork::score_all() {
  for (std::size_t i = 0; i < count(); ++i) score(i);
}

std::vector<KernelTime> TextWork::score_all_timed() {
  start_timing();
  score_all();
  return stop_timing();
}

}  // namespace byteflow::bench
