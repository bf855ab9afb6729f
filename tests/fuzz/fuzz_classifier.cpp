// Any bytes as a model file; what loads scores and explains a text in every backend, the scores with equal
// bits.

#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "byteflow/classifier.h"
#include "model_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  struct Free {
    void operator()(std::byte* memory) const {
      ::operator delete (memory, std::align_val_t{byteflow::kModelAlignment});
    }
  };
  const std::unique_ptr<std::byte, Free> file(
      static_cast<std::byte*>(::operator new (size + 1, std::align_val_t{byteflow::kModelAlignment})));
  std::memcpy(file.get(), data, size);
  byteflow::seal({file.get(), size});  // or no mutation would pass the checksum
  std::vector<float> first;
  for (const std::string_view backend : byteflow::Classifier::backends()) {
    auto classifier = byteflow::Classifier::create({file.get(), size}, backend);
    if (!classifier.ok()) return 0;
    std::vector<float> logits(classifier.value().model().label_count), probabilities(logits.size());
    if (!classifier.value().score({data, size < 300 ? size : 300}, logits, probabilities).ok()) std::abort();
    std::vector<byteflow::WordWeight> words(150);
    if (!classifier.value().explain({data, size < 300 ? size : 300}, 0, words).ok()) std::abort();
    if (first.empty()) first = logits;
    if (std::memcmp(first.data(), logits.data(), logits.size() * sizeof(float)) != 0) std::abort();
  }
  return 0;
}
