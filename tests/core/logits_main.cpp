// byteflow_logits MODEL BACKEND: texts on standard input, each a uint32 little-endian length and its bytes;
// float32 logits on standard output. The identity check compares them with those of wasm and of the integer
// reference.

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <vector>

#include "byteflow/classifier.h"

namespace {

struct AlignedBytes {
  explicit AlignedBytes(std::size_t count)
      : data(static_cast<std::byte*>(::operator new (count, std::align_val_t{byteflow::kModelAlignment}))) {}
  ~AlignedBytes() { ::operator delete (data, std::align_val_t{byteflow::kModelAlignment}); }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;
  std::byte* data;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: byteflow_logits MODEL BACKEND < texts > logits\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> content((std::istreambuf_iterator<char>(file)), {});
  if (content.empty()) {
    std::fprintf(stderr, "byteflow_logits: cannot read %s\n", argv[1]);
    return 1;
  }
  const AlignedBytes model(content.size());
  std::memcpy(model.data, content.data(), content.size());
  auto classifier = byteflow::Classifier::create({model.data, content.size()}, argv[2]);
  if (!classifier.ok()) {
    const auto message = classifier.status().message();
    std::fprintf(stderr, "byteflow_logits: %s: %.*s\n", argv[1], static_cast<int>(message.size()),
                 message.data());
    return 1;
  }
  const std::size_t labels = classifier.value().model().label_count;
  std::vector<float> logits(labels), probabilities(labels);
  std::vector<std::uint8_t> text;
  std::uint32_t length = 0;
  while (std::fread(&length, sizeof length, 1, stdin) == 1) {
    text.resize(length);
    if (std::fread(text.data(), 1, length, stdin) != length) {
      std::fprintf(stderr, "byteflow_logits: standard input ends inside a text\n");
      return 1;
    }
    if (!classifier.value().score(text, logits, probabilities).ok()) return 1;
    std::fwrite(logits.data(), sizeof(float), labels, stdout);
  }
  return 0;
}
