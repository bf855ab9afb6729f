// Any bytes as a model file; what loads scores and explains a text in every backend, the scores with equal
// bits.

#include <cstdlib>
#include <cstring>
#include <vector>

#include "byteflow/classifier.h"
#include "model_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  const byteflow::AlignedBytes file(std::vector<char>(data, data + size));
  byteflow::seal(file.span());  // or no mutation would pass the checksum
  const auto text = byteflow::text_from(file.span());
  std::vector<float> first;
  for (const std::string_view backend : byteflow::Classifier::backends()) {
    auto classifier = byteflow::Classifier::create(file.span(), backend);
    if (!classifier.ok()) return 0;
    std::vector<float> logits(classifier.value().model().label_count), probabilities(logits.size());
    if (!classifier.value().score(text, logits, probabilities).ok()) std::abort();
    for (const float probability : probabilities)
      if (!(probability >= 0 && probability <= 1)) std::abort();
    std::vector<byteflow::WordWeight> words(150);
    if (!classifier.value().explain(text, 0, words).ok()) std::abort();
    if (first.empty()) first = logits;
    if (std::memcmp(first.data(), logits.data(), logits.size() * sizeof(float)) != 0) std::abort();
  }
  return 0;
}
