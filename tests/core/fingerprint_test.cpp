// Fingerprints: the same in every backend and build, as tests/golden/fingerprints keeps them, and another for
// another model.

#include "byteflow/fingerprint.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <set>
#include <sstream>
#include <string>

#include "model_bytes.h"

using namespace byteflow;

namespace {

std::string hexadecimal(std::uint64_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return digits;
}

std::string fingerprint_of(const AlignedBytes& model, std::string_view backend, bool writes) {
  if (writes) {
    auto generator = Generator::create(model.span(), backend);
    REQUIRE_MESSAGE(generator.ok(), std::string(generator.status().message()));
    return hexadecimal(fingerprint(generator.value()));
  }
  auto classifier = Classifier::create(model.span(), backend);
  REQUIRE_MESSAGE(classifier.ok(), std::string(classifier.status().message()));
  const std::uint64_t first = fingerprint(classifier.value());
  CHECK(fingerprint(classifier.value()) == first);  // whatever was scored before
  return hexadecimal(first);
}

}  // namespace

TEST_CASE("fingerprints are those of the golden models, in every backend") {
  const auto kept = read_file("fingerprints");
  std::istringstream lines(std::string(kept.begin(), kept.end()));
  std::string name, expected;
  std::set<std::string> different;
  while (lines >> name >> expected) {
    const AlignedBytes model(read_file(name + ".byteflow"));
    for (const std::string_view backend : Classifier::backends())
      CHECK_MESSAGE(fingerprint_of(model, backend, name.find('/') != std::string::npos) == expected, name,
                    " ", std::string(backend));
    different.insert(expected);
  }
  CHECK(different.size() == 17);
}

TEST_CASE("a weight that is another by one unit gives another fingerprint") {
  auto content = read_file("tiny.byteflow");
  const auto before = fingerprint_of(AlignedBytes(content), "scalar", false);
  const auto* tensors = file::GetModel(content.data())->tensors();
  auto* weight =
      const_cast<std::uint8_t*>(tensors->LookupByKey("encoder.0.projection.weight")->data()->data());
  weight[0] = static_cast<std::uint8_t>(weight[0] == 0 ? 1 : 0);
  const AlignedBytes altered(content);
  seal(altered.span());
  CHECK(fingerprint_of(altered, "scalar", false) != before);
}
