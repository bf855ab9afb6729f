// Any bytes as a model file; what loads writes the same texts for a text in every backend.

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "byteflow/classifier.h"
#include "byteflow/generator.h"
#include "model_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  const byteflow::AlignedBytes file(std::vector<char>(data, data + size));
  byteflow::seal(file.span());  // or no mutation would pass the checksum
  const auto text = byteflow::text_from(file.span());
  std::optional<std::string> first;
  for (const std::string_view backend : byteflow::Classifier::backends()) {
    auto generator = byteflow::Generator::create(file.span(), backend, 2);
    if (!generator.ok()) return 0;
    byteflow::SearchOptions options;
    options.beams = 2;
    options.max_length = std::min<std::size_t>(8, generator.value().model().decoder->max_length);
    if (!generator.value().begin(text, options).ok()) std::abort();
    while (generator.value().step()) {
    }
    std::string texts;
    for (const byteflow::Candidate& found : generator.value().candidates())
      texts.append(found.text.begin(), found.text.end()).append(std::to_string(found.score) + "\n");
    if (!first) first = texts;
    if (texts != *first) std::abort();
  }
  return 0;
}
