// byteflow_fingerprint MODEL BACKEND: 16 digits that are the same wherever the core computes right.

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <vector>

#include "byteflow/fingerprint.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: byteflow_fingerprint MODEL BACKEND\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> content((std::istreambuf_iterator<char>(file)), {});
  std::byte* const bytes = static_cast<std::byte*>(
      ::operator new (content.size() + 1, std::align_val_t{byteflow::kModelAlignment}));
  std::memcpy(bytes, content.data(), content.size());
  const std::span<const std::byte> model(bytes, content.size());

  std::uint64_t found = 0;
  byteflow::Status status;
  if (auto classifier = byteflow::Classifier::create(model, argv[2]); classifier.ok()) {
    found = byteflow::fingerprint(classifier.value());
  } else if (auto generator = byteflow::Generator::create(model, argv[2]); generator.ok()) {
    found = byteflow::fingerprint(generator.value());
  } else {
    // Of the two, the one that is not about what the model is for.
    const bool writes = generator.status().code() != byteflow::Code::invalid_argument;
    status = writes ? generator.status() : classifier.status();
  }
  ::operator delete (bytes, std::align_val_t{byteflow::kModelAlignment});
  if (!status.ok()) {
    const auto message = status.message();
    std::fprintf(stderr, "byteflow_fingerprint: %s: %.*s\n", argv[1], static_cast<int>(message.size()),
                 message.data());
    return 1;
  }
  std::printf("%016llx\n", static_cast<unsigned long long>(found));
  return 0;
}
