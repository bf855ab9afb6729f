// What each word has added to a logit: the integer reference's vectors, and what holds for every text.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "byteflow/byte_splitter.h"
#include "byteflow/classifier.h"
#include "golden_hex.h"
#include "model_bytes.h"
#include "random_data.h"

using namespace byteflow;

namespace {

constexpr const char* kModels[] = {"tiny",  "odd",    "one",   "wide",     "transformer",
                                   "heads", "funnel", "words", "toxicity", "toxicity-small"};

Classifier load(const AlignedBytes& model, std::string_view backend = Classifier::backends().front()) {
  auto classifier = Classifier::create(model.span(), backend);
  REQUIRE(classifier.ok());
  return std::move(classifier.value());
}

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

std::string written(const Explanation& explanation) {
  std::string words;
  for (const WordWeight& word : explanation.words) {
    if (!words.empty()) words += ',';
    words += std::to_string(word.begin) + ':' + std::to_string(word.end) + ':' + to_hex({word.weight});
  }
  return to_hex({explanation.rest}) + ' ' + (words.empty() ? "-" : words);
}

// How far the sum may be from the logit: the mean of each channel is rounded (README section 10), and so is
// each of the floats that are added here.
double tolerance(const Model& model, std::size_t label, const Explanation& explanation) {
  double weights = 0, sizes = std::abs(explanation.rest) + std::abs(explanation.logit) +
                              2 * std::abs(model.head.bias[label]);
  for (std::size_t c = 0; c < model.channels; ++c)
    weights += std::abs(model.head.weight[label * 2 * model.channels + c]);
  for (const WordWeight& word : explanation.words) sizes += std::abs(word.weight);
  const double multiplier = double{model.pooling.norm.scale} * double{model.head.scales[label]} * 0x1p-7;
  return multiplier * (0.5 + 0x1p-10) * weights + sizes * 0x1p-22 +
         multiplier * 0x1p-15 * static_cast<double>(model.max_time * explanation.words.size());
}

double sum(const Explanation& explanation) {
  double total = explanation.rest;
  for (const WordWeight& word : explanation.words) total += word.weight;
  return total;
}

}  // namespace

TEST_CASE("explanations, bit by bit") {
  for (const std::string name : kModels) {
    const auto golden = read_file(name + ".explained");
    REQUIRE_MESSAGE(!golden.empty(), name);
    const AlignedBytes model(read_model_file(name));
    for (const std::string_view backend : Classifier::backends()) {
      Classifier classifier = load(model, backend);
      std::vector<WordWeight> room(max_words_explained(classifier.model().max_bytes));
      std::istringstream lines(std::string(golden.begin(), golden.end()));
      std::string text, rest, words;
      std::size_t label = 0;
      int count = 0;
      while (lines >> text >> label >> rest >> words) {
        const auto explanation = classifier.explain(from_hex(text), label, room);
        REQUIRE(explanation.ok());
        CHECK_MESSAGE(written(explanation.value()) == rest.append(" ").append(words), name, " ",
                      std::string(backend), " case ", count);
        ++count;
      }
      CHECK(count > 50);
    }
  }
}

TEST_CASE("the words and the rest add up to the logit that score gives") {
  RandomData random(8);
  const std::string_view alphabet[] = {"a",      "b",          " ",    " ",      "\u00e9",
                                       "\u4f60", "\U0001f600", "\xff", "\u3000", "."};
  for (const std::string name : kModels) {
    const AlignedBytes file(read_model_file(name));
    Classifier classifier = load(file);
    const Model& model = classifier.model();
    std::vector<float> logits(model.label_count), probabilities(model.label_count);
    std::vector<WordWeight> room(max_words_explained(model.max_bytes));
    for (int round = 0; round < 100; ++round) {
      std::string text;
      const std::int32_t length = random.integer(0, static_cast<std::int32_t>(model.max_bytes) / 2);
      for (std::int32_t i = 0; i < length; ++i) text += alphabet[random.integer(0, 9)];
      REQUIRE(classifier.score(bytes(text), logits, probabilities).ok());
      for (std::size_t label = 0; label < model.label_count; ++label) {
        const auto explained = classifier.explain(bytes(text), label, room);
        REQUIRE(explained.ok());
        const Explanation& explanation = explained.value();
        CHECK(explanation.logit == logits[label]);
        CHECK(explanation.probability == probabilities[label]);
        CHECK_MESSAGE(
            std::abs(sum(explanation) - double{logits[label]}) <= tolerance(model, label, explanation), name,
            " ", text);
        std::size_t before = 0;
        for (const WordWeight& word : explanation.words) {
          CHECK(before <= word.begin);
          CHECK(word.begin < word.end);
          before = word.end;
        }
        CHECK(before <= prefix_length(bytes(text), model.max_bytes));
      }
    }
  }
}

TEST_CASE("a text without words has a rest alone, and that is the logit") {
  for (const std::string name : kModels) {
    const AlignedBytes file(read_model_file(name));
    Classifier classifier = load(file);
    for (const std::string_view text : {"", " ", " \t\n\u3000   "}) {
      std::vector<WordWeight> room(max_words_explained(text.size()));
      const auto explanation = classifier.explain(bytes(text), 0, room);
      REQUIRE(explanation.ok());
      CHECK(explanation.value().words.empty());
      CHECK(std::abs(double{explanation.value().rest} - double{explanation.value().logit}) <=
            tolerance(classifier.model(), 0, explanation.value()));
    }
  }
}

TEST_CASE("only what is read is explained") {
  const AlignedBytes file(read_file("wide.byteflow"));
  Classifier classifier = load(file);
  std::string text;
  while (text.size() < 1'000) text += "w ";
  std::vector<WordWeight> room(max_words_explained(classifier.model().max_bytes));
  const auto cut = classifier.explain(bytes(text), 3, room);
  REQUIRE(cut.ok());
  CHECK(cut.value().words.size() == 65);
  CHECK(cut.value().words.back().begin == 128);
  const std::string whole = written(cut.value());
  const auto alone = classifier.explain(bytes(text.substr(0, 130)), 3, room);
  REQUIRE(alone.ok());
  CHECK(written(alone.value()) == whole);
}

TEST_CASE("a rude word has the greatest weight") {
  const AlignedBytes file(read_model_file("toxicity"));
  Classifier classifier = load(file);
  std::vector<WordWeight> room(max_words_explained(classifier.model().max_bytes));
  const std::string text = "I think that you are an idiot and should go home now";
  const auto explanation = classifier.explain(bytes(text), 0, room);
  REQUIRE(explanation.ok());
  const auto words = explanation.value().words;
  const auto heaviest =
      std::max_element(words.begin(), words.end(),
                       [](const WordWeight& a, const WordWeight& b) { return a.weight < b.weight; });
  REQUIRE(heaviest != words.end());
  CHECK(text.substr(heaviest->begin, heaviest->end - heaviest->begin) == "idiot");
}

TEST_CASE("too little room and a label that is not there are named") {
  const AlignedBytes file(read_file("tiny.byteflow"));
  Classifier classifier = load(file);
  std::vector<WordWeight> room(2);
  CHECK(classifier.explain(bytes("a b"), 0, room).ok());
  const auto narrow = classifier.explain(bytes("a b c"), 0, room);
  CHECK(narrow.status().code() == Code::invalid_argument);
  CHECK(narrow.status().message().find("room was given for 2 words") != std::string_view::npos);
  const auto absent = classifier.explain(bytes("a b"), 2, room);
  CHECK(absent.status().code() == Code::invalid_argument);
  CHECK(absent.status().message().find("2 labels, and none of number 2") != std::string_view::npos);
}
