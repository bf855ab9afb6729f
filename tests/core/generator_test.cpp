// Whole generators: the integer reference's vectors in every backend, and that a caller may leave off
// anywhere.

#include "byteflow/generator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "byteflow/byte_splitter.h"
#include "byteflow/classifier.h"
#include "golden_hex.h"
#include "model_bytes.h"
#include "random_data.h"
#include "text/utf8_state.h"

using namespace byteflow;

namespace {

using Text = std::vector<std::uint8_t>;
using Found = std::tuple<Text, double, bool>;

constexpr const char* kGenerators[] = {"generators/small", "generators/odd", "generators/funnel",
                                       "generators/words"};

Generator create(const AlignedBytes& model, std::string_view backend, std::size_t max_beams = 9) {
  auto generator = Generator::create(model.span(), backend, max_beams);
  REQUIRE_MESSAGE(generator.ok(), std::string(generator.status().message()));
  return std::move(generator.value());
}

std::vector<Found> found(Generator& generator) {
  std::vector<Found> out;
  for (const Candidate& candidate : generator.candidates())
    out.emplace_back(Text(candidate.text.begin(), candidate.text.end()), candidate.score, candidate.complete);
  return out;
}

std::vector<Found> generate(Generator& generator, const Text& text, const SearchOptions& options) {
  REQUIRE(generator.begin(text, options).ok());
  while (generator.step()) {
  }
  return found(generator);
}

SearchOptions beams(std::size_t count, std::size_t max_length) {
  SearchOptions options;
  options.beams = count;
  options.max_length = max_length;
  return options;
}

Text random_text(RandomData& random, std::int32_t longest) {
  Text text(static_cast<std::size_t>(random.integer(0, longest)));
  for (std::uint8_t& byte : text) byte = static_cast<std::uint8_t>(random.integer(0, 255));
  return text;
}

std::uint64_t fnv1a(std::span<const std::int8_t> codes) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const std::int8_t code : codes) hash = (hash ^ static_cast<std::uint8_t>(code)) * 0x100000001B3;
  return hash;
}

float read_float(const std::string& hex) {
  const Text bytes = from_hex(hex);
  float value = 0;
  REQUIRE(bytes.size() == sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The rest of a line that begins with "case".
std::pair<SearchOptions, Text> read_case(std::istringstream& line) {
  SearchOptions o;
  std::string penalty, temperature, top_p, text;
  bool sample = false;
  line >> o.beams >> o.max_length >> penalty >> sample >> temperature >> o.top_k >> top_p >> o.seed >> text;
  REQUIRE(line);
  o.strategy = sample ? Strategy::sample : Strategy::beam;
  o.length_penalty = read_float(penalty);
  o.temperature = read_float(temperature);
  o.top_p = read_float(top_p);
  return {o, from_hex(text)};
}

// What a generator does for a case, as the golden file spells it.
std::string transcript(Generator& generator, const Text& text, const SearchOptions& options) {
  std::ostringstream out;
  REQUIRE(generator.begin(text, options).ok());
  for (bool more = true; more;) {
    more = generator.step();
    const auto logits = generator.logits();
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(fnv1a(logits)));
    out << "step " << logits.size() / kVocabulary << " " << hash << "\n";
  }
  for (const auto& [bytes, score, complete] : found(generator)) {
    out << "text " << complete << " " << std::llround(std::ldexp(score, 20)) << " ";
    for (const std::uint8_t byte : bytes) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", byte);
      out << digits;
    }
    out << (bytes.empty() ? "-\n" : "\n");
  }
  return out.str();
}

}  // namespace

TEST_CASE("golden generators: every step's logits and every candidate, in every backend") {
  std::vector<std::string> names{"generators/civil-rewrite", "generators/autocorrect"};
  names.insert(names.end(), std::begin(kGenerators), std::end(kGenerators));
  for (const std::string& name : names) {
    const AlignedBytes model(read_model_file(name));
    const auto golden = read_file(name + ".golden");
    for (const std::string_view backend : Classifier::backends()) {
      Generator generator = create(model, backend);
      CHECK(generator.backend() == backend);
      std::istringstream lines(std::string(golden.begin(), golden.end()));
      std::string line, expected, got;
      int count = 0;
      while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string kind;
        words >> kind;
        if (kind == "case") {
          CHECK_MESSAGE(got == expected, name, " ", std::string(backend), " case ", count);
          const auto [options, text] = read_case(words);
          got = transcript(generator, text, options);
          expected.clear();
          ++count;
        } else {
          expected += line + "\n";
        }
      }
      CHECK_MESSAGE(got == expected, name, " ", std::string(backend), " last case");
      CHECK(count > 15);
    }
  }
}

TEST_CASE("all backends write alike for texts of every length") {
  RandomData random(21);
  for (const char* name : kGenerators) {
    const AlignedBytes model(read_file(std::string(name) + ".byteflow"));
    Generator first = create(model, Classifier::backends().front());
    const std::size_t longest = first.model().max_bytes + 5, max_length = first.model().decoder->max_length;
    for (const std::string_view backend : Classifier::backends()) {
      Generator other = create(model, backend);
      for (std::size_t length = 0; length <= longest; length += 3) {
        Text text(length);
        for (std::uint8_t& byte : text) byte = static_cast<std::uint8_t>(random.integer(0, 255));
        const SearchOptions options = beams(1 + length % 9, 1 + length % max_length);
        CHECK_MESSAGE(generate(other, text, options) == generate(first, text, options), name, " ",
                      std::string(backend), " length ", length);
      }
    }
  }
}

TEST_CASE("a text leaves no trace in the next, wherever the caller left off") {
  RandomData random(22);
  const AlignedBytes model(read_file("generators/small.byteflow"));
  Generator fresh = create(model, "scalar"), used = create(model, "scalar");
  const Text text = {'a', 'b', 'c'};
  const auto expected = generate(fresh, text, beams(4, 20));
  for (int steps = 0; steps < 12; ++steps) {
    REQUIRE(used.begin(random_text(random, 70), beams(7, 48)).ok());
    for (int i = 0; i < steps; ++i) used.step();
    if (steps % 2 == 0) used.stop();
    CHECK(generate(used, text, beams(4, 20)) == expected);
  }
}

TEST_CASE("room for more beams changes nothing") {
  const AlignedBytes model(read_file("generators/funnel.byteflow"));
  Generator narrow = create(model, "scalar", 3), wide = create(model, "scalar", kMaxBeams);
  const Text text = {'s', 'o', 'm', 'e', ' ', 0xE2, 0x82, 0xAC};
  CHECK(generate(narrow, text, beams(3, 24)) == generate(wide, text, beams(3, 24)));
}

Text draft(Generator& generator) {
  const auto drafts = generator.drafts();
  return drafts.empty() ? Text() : Text(drafts[0].text.begin(), drafts[0].text.end());
}

TEST_CASE("the draft of one beam grows into the text, a character at a time") {
  RandomData random(23);
  const AlignedBytes model(read_file("generators/small.byteflow"));
  Generator generator = create(model, Classifier::backends().front());
  std::size_t drafts = 0;
  for (int round = 0; round < 20; ++round) {
    REQUIRE(generator.begin(random_text(random, 60), beams(1, 48)).ok());
    CHECK(draft(generator).empty());
    Text before;
    while (generator.step()) {
      const Text text = draft(generator);
      REQUIRE(text.size() >= before.size());
      CHECK(std::equal(before.begin(), before.end(), text.begin()));
      Utf8State state;
      for (const std::uint8_t byte : text) state = state.after(byte);
      CHECK(state.at_boundary());
      before = text;
      ++drafts;
    }
    const Text text = std::get<0>(found(generator).at(0));
    REQUIRE(text.size() >= before.size());
    CHECK(std::equal(before.begin(), before.end(), text.begin()));
    CHECK(!generator.step());
  }
  CHECK(drafts > 20);
}

TEST_CASE("a search that is stopped gives what it has") {
  const AlignedBytes model(read_file("generators/small.byteflow"));
  Generator generator = create(model, "scalar");
  REQUIRE(generator.begin({}, beams(4, 48)).ok());
  CHECK(generator.candidates().empty());
  for (int i = 0; i < 3; ++i) REQUIRE(generator.step());
  const auto under_way = generator.drafts();
  REQUIRE(under_way.size() == 4);
  std::vector<Found> drafts;
  for (const Candidate& draft : under_way)
    drafts.emplace_back(Text(draft.text.begin(), draft.text.end()), draft.score, draft.complete);
  CHECK(std::is_sorted(drafts.begin(), drafts.end(),
                       [](const Found& a, const Found& b) { return std::get<1>(a) > std::get<1>(b); }));
  generator.stop();
  CHECK(!generator.step());
  CHECK(generator.drafts().empty());
  const auto all = found(generator);
  CHECK(std::find(all.begin(), all.end(), drafts[0]) != all.end());
}

TEST_CASE("wrong arguments of a generator are named") {
  const AlignedBytes model(read_file("generators/odd.byteflow")), other(read_file("tiny.byteflow"));
  const auto message = [](const Status& status) {
    CHECK(status.code() == Code::invalid_argument);
    return std::string(status.message());
  };
  CHECK(message(Generator::create(model.span(), "avx1024").status()).find("avx1024") != std::string::npos);
  CHECK(message(Generator::create(model.span(), "scalar", 33).status()).find("not at 33") !=
        std::string::npos);
  CHECK(message(Generator::create(model.span(), "scalar", 0).status()).find("max_beams") !=
        std::string::npos);
  CHECK(message(Generator::create(other.span(), "scalar").status()).find("scores texts") !=
        std::string::npos);
  CHECK(message(Classifier::create(model.span(), "scalar").status()).find("writes texts") !=
        std::string::npos);

  Generator generator = create(model, "scalar", 2);
  CHECK(message(generator.begin({}, beams(3, 10))).find("beams must lie between 1 and 2") !=
        std::string::npos);
  CHECK(!generator.step());
  CHECK(generator.candidates().empty());
  CHECK(message(generator.begin({}, beams(2, 20))).find("max_length must lie between 1 and 19") !=
        std::string::npos);
}

TEST_CASE("5,000 random mutations of generators never crash, and what still loads still writes") {
  RandomData random(24);
  const std::vector<char> models[] = {read_file("generators/odd.byteflow"),
                                      read_file("generators/words.byteflow")};
  const Text text = {'h', 'e', 'l', 'l', 'o', ' ', 0xE2, 0x82, 0xAC};
  int loaded = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::vector<char> content = models[round % 2];
    const std::int32_t changes = random.integer(1, 4);
    for (std::int32_t i = 0; i < changes; ++i) {
      const auto at =
          static_cast<std::size_t>(random.integer(0, static_cast<std::int32_t>(content.size()) - 1));
      content[at] = static_cast<char>(random.integer(0, 1) == 0 ? random.integer(0, 255)
                                                                : content[at] ^ (1 << random.integer(0, 7)));
    }
    const AlignedBytes model(content);
    seal(model.span());
    std::vector<Found> first;
    for (const std::string_view backend : Classifier::backends()) {
      auto generator = Generator::create(model.span(), backend, 2);
      if (!generator.ok()) {
        CHECK(!generator.status().message().empty());
        continue;
      }
      ++loaded;
      const auto all = generate(generator.value(), text, beams(2, 5));
      CHECK(!all.empty());
      if (first.empty()) first = all;
      CHECK(all == first);
    }
  }
  CHECK(loaded > 500);
}
