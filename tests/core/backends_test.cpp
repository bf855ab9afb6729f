// Every backend against the first, whole networks on texts of every length: each remainder of a GBST block,
// of a downsampling window and of a kernel's tile occurs, and so does the cut at the longest text.

#include <doctest/doctest.h>

#include <cstring>

#include "byteflow/classifier.h"
#include "model_bytes.h"
#include "random_data.h"

using namespace byteflow;

namespace {

// Compared as bits, so that NaN and -0 count.
bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("a text of as many words as there can be is read to its end") {
  const AlignedBytes model(read_file("words.byteflow"));
  for (const std::string_view backend : Classifier::backends()) {
    auto classifier = Classifier::create(model.span(), backend);
    REQUIRE(classifier.ok());
    const std::size_t longest = classifier.value().model().max_bytes;
    std::vector<std::uint8_t> text(longest);
    for (std::size_t i = 0; i < longest; ++i) text[i] = i % 2 == 0 ? 'a' : ' ';
    std::vector<float> first(2), other(2), probabilities(2);
    REQUIRE(classifier.value().score(text, first, probabilities).ok());
    text[longest - 1] = 'b';  // the last word: 75 bytes, and the 75th is no white space
    REQUIRE(classifier.value().score(text, other, probabilities).ok());
    CHECK(!same_bits(first, other));
    text.insert(text.end(), {' ', 'c'});
    REQUIRE(classifier.value().score(text, first, probabilities).ok());
    CHECK(same_bits(first, other));
  }
}

TEST_CASE("all backends score texts of every length alike") {
  RandomData random(5);
  for (const char* name :
       {"tiny", "odd", "one", "wide", "transformer", "heads", "funnel", "calibrated", "original", "words"}) {
    const AlignedBytes model(read_file(std::string(name) + ".byteflow"));
    std::vector<Classifier> classifiers;
    for (const std::string_view backend : Classifier::backends()) {
      auto classifier = Classifier::create(model.span(), backend);
      REQUIRE_MESSAGE(classifier.ok(), name, ": ", std::string(classifier.status().message()));
      classifiers.push_back(std::move(classifier.value()));
    }
    const std::size_t labels = classifiers.front().model().label_count;
    const std::size_t longest =
        classifiers.front().model().max_bytes + 5;  // past the cut, and past a UTF-8 character
    for (std::size_t length = 0; length <= longest; ++length) {
      std::vector<std::uint8_t> text(length);
      for (std::uint8_t& byte : text) byte = static_cast<std::uint8_t>(random.integer(0, 255));
      std::vector<float> expected_logits(labels), expected_probabilities(labels);
      REQUIRE(classifiers.front().score(text, expected_logits, expected_probabilities).ok());
      for (Classifier& classifier : classifiers) {
        std::vector<float> logits(labels), probabilities(labels);
        REQUIRE(classifier.score(text, logits, probabilities).ok());
        CHECK_MESSAGE(same_bits(logits, expected_logits), name, " ", std::string(classifier.backend()),
                      " length ", length);
        CHECK_MESSAGE(same_bits(probabilities, expected_probabilities), name, " ",
                      std::string(classifier.backend()), " length ", length);
      }
    }
  }
}
