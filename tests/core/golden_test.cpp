// The integer reference's vectors (tests/golden), every bit of every logit and probability, in every backend.

#include <doctest/doctest.h>

#include <sstream>

#include "byteflow/classifier.h"
#include "golden_hex.h"
#include "model_bytes.h"

using namespace byteflow;

TEST_CASE("golden vectors, bit by bit") {
  for (const char* name :
       {"tiny", "odd", "one", "wide", "transformer", "heads", "funnel", "calibrated", "original", "words",
        "normalized", "normalized-words", "shared-gates", "toxicity", "toxicity-small"}) {
    const auto golden = read_file(std::string(name) + ".golden");
    const auto file = read_model_file(name);
    REQUIRE_MESSAGE(!golden.empty(), name);
    REQUIRE_MESSAGE(!file.empty(), name);
    const AlignedBytes model(file);
    for (const std::string_view backend : Classifier::backends()) {
      auto classifier = Classifier::create(model.span(), backend);
      REQUIRE_MESSAGE(classifier.ok(), name, ": ", std::string(classifier.status().message()));
      CHECK(classifier.value().backend() == backend);
      std::vector<float> logits(classifier.value().model().label_count), probabilities(logits.size());
      std::istringstream lines(std::string(golden.begin(), golden.end()));
      std::string text, expected_logits, expected_probabilities;
      int count = 0;
      while (lines >> text >> expected_logits >> expected_probabilities) {
        REQUIRE(classifier.value().score(from_hex(text), logits, probabilities).ok());
        CHECK_MESSAGE(to_hex(logits) == expected_logits, name, " ", std::string(backend), " case ", count);
        CHECK_MESSAGE(to_hex(probabilities) == expected_probabilities, name, " ", std::string(backend),
                      " case ", count);
        ++count;
      }
      CHECK(count > 50);
    }
  }
}

TEST_CASE("a call leaves no trace in the next") {
  const AlignedBytes model(read_file("tiny.byteflow"));
  auto classifier = Classifier::create(model.span(), Classifier::backends().front());
  REQUIRE(classifier.ok());
  std::vector<float> first(2), later(2), probabilities(2);
  const std::vector<std::uint8_t> text = {'a', 'b', 'c'}, other(5000, 0xF0);
  REQUIRE(classifier.value().score(text, first, probabilities).ok());
  REQUIRE(classifier.value().score(other, later, probabilities).ok());
  REQUIRE(classifier.value().score(text, later, probabilities).ok());
  CHECK(first == later);
}

TEST_CASE("wrong arguments are named") {
  const AlignedBytes model(read_file("tiny.byteflow"));
  const auto absent = Classifier::create(model.span(), "avx1024");
  REQUIRE(!absent.ok());
  CHECK(absent.status().code() == Code::invalid_argument);
  CHECK(absent.status().message().find("avx1024") != std::string_view::npos);

  auto classifier = Classifier::create(model.span(), "scalar");
  REQUIRE(classifier.ok());
  std::vector<float> three(3), two(2);
  const Status status = classifier.value().score({}, three, two);
  CHECK(status.code() == Code::invalid_argument);
  CHECK(status.message().find("3 logits") != std::string_view::npos);
}
