// The search against the reference's vectors, an exhaustive search, a plain beam search that never stops
// early, and a beam search in floats.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "float_search.h"
#include "memory/arena.h"
#include "model_bytes.h"
#include "random_data.h"
#include "search/search.h"

using namespace byteflow;

namespace {

using Row = std::vector<std::int8_t>;  // [259]

struct Tables {
  std::vector<std::uint16_t> exp;
  std::vector<std::int32_t> log;
  float scale = 0;

  [[nodiscard]] SearchTables view() const { return {exp, log, scale}; }
};

// As the exporter makes them, on this machine's libm: for what is not compared bit by bit with another
// machine.
Tables tables_of(float scale) {
  Tables out{std::vector<std::uint16_t>(256), std::vector<std::int32_t>(256), scale};
  for (std::size_t i = 0; i < 256; ++i) {
    out.exp[i] =
        static_cast<std::uint16_t>(std::lrint(32768 * std::exp(-double{scale} * static_cast<double>(i))));
    out.log[i] = static_cast<std::int32_t>(std::lrint(1048576 * std::log1p(static_cast<double>(i) / 256)));
  }
  return out;
}

struct Found {
  std::string text;
  Score score = 0;
  bool complete = false;
  friend bool operator==(const Found&, const Found&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Found& found) {
    out << (found.complete ? "" : "cut ") << found.score << " ";
    for (const char c : found.text) out << std::hex << (c & 0xFF) << std::dec << ".";
    return out;
  }
};

// What a network is to the search: a text's logits. Texts follow the parents that the search names.
using Network = std::function<Row(const std::string&)>;
using Masks = std::function<IdSet(const std::string&)>;

class Searcher {
 public:
  explicit Searcher(Tables tables, std::size_t max_beams = kMaxBeams, std::size_t max_length = 64)
      : tables_(std::move(tables)) {
    Arena counting;
    search.allocate(max_beams, max_length, counting);
    memory_ = allocate_aligned(counting.used());
    REQUIRE(memory_ != nullptr);
    std::memset(memory_.get(), 0xA5, counting.used());
    Arena arena(memory_.get());
    search.allocate(max_beams, max_length, arena);
    REQUIRE(search.prepare(tables_.view()).ok());
  }

  std::vector<Found> run(const SearchOptions& options, const Network& network, const Masks& masks = {},
                         int stop_after = std::numeric_limits<int>::max()) {
    const Status status = search.begin(options);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
    std::vector<std::string> texts = {""};
    for (steps = 0; search.rows() > 0; ++steps) {
      REQUIRE(search.rows() <= options.beams);
      if (steps == stop_after) {
        search.stop();
        break;
      }
      std::vector<std::string> next;
      for (std::size_t row = 0; row < search.rows(); ++row) {
        next.push_back(texts.at(search.parents()[row]));
        if (steps == 0) CHECK(search.ids()[row] == kPadding);
        if (steps > 0) next.back().push_back(static_cast<char>(search.ids()[row] - kFirstByte));
      }
      texts = next;
      if (steps == 0) texts.resize(search.rows());
      Row logits;
      std::vector<IdSet> allowed;
      for (const std::string& text : texts) {
        const Row row = network(text);
        REQUIRE(row.size() == kVocabulary);
        logits.insert(logits.end(), row.begin(), row.end());
        if (masks) allowed.push_back(masks(text));
      }
      search.advance(logits, allowed);
    }
    return found();
  }

  [[nodiscard]] std::vector<Found> found() const {
    std::vector<Found> out;
    for (const Hypothesis& hypothesis : search.hypotheses()) {
      std::vector<std::uint8_t> room(hypothesis.place.length);
      const auto text = search.read(hypothesis.place, room);
      out.push_back({std::string(text.begin(), text.end()), hypothesis.score, hypothesis.complete});
    }
    return out;
  }

  Search search;
  int steps = 0;

 private:
  Tables tables_;
  AlignedMemory memory_;
};

// As the reference computes it, step by step.
std::uint64_t hash_of(std::uint64_t seed, const std::string& text) {
  std::uint64_t hash = seed * 1099511628211U + kPadding + 1;
  for (const char c : text) hash = hash * 1099511628211U + static_cast<std::uint8_t>(c) + kFirstByte + 1;
  return hash;
}

// The network of search_golden.py.
Network random_network(std::uint64_t seed, unsigned spread, int eos_bonus) {
  return [=](const std::string& text) {
    Pcg32 generator(hash_of(seed, text), 0);
    Row row(kVocabulary);
    for (std::int8_t& code : row)
      code = static_cast<std::int8_t>(static_cast<int>(generator.next() >> 24 >> spread) - 128);
    row[kEos] = static_cast<std::int8_t>(std::min(row[kEos] + eos_bonus, 127));
    return row;
  };
}

Network constant_network(std::int8_t code, const std::map<std::uint16_t, std::int8_t>& others = {}) {
  Row row(kVocabulary, code);
  for (const auto& [id, other] : others) row[id] = other;
  return [row](const std::string&) { return row; };
}

Masks only(const std::string& bytes, bool eos = true) {
  IdSet set;
  set.set(kEos, eos);
  for (const char c : bytes) set.set(static_cast<std::uint8_t>(c) + kFirstByte);
  return [set](const std::string&) { return set; };
}

IdSet random_mask(const std::string& text) {
  Pcg32 generator(hash_of(0, text), 1);
  IdSet set;
  for (std::size_t id = 0; id < kVocabulary; ++id) set.set(id, generator.below(3) > 0);
  return set;
}

bool is_continuation(char c) { return (c & 0xC0) == 0x80; }

// Independent of Utf8State: decodes each character and encodes nothing that has a shorter form.
bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = lead < 0x80       ? 1
                               : lead >> 5 == 6  ? 2
                               : lead >> 4 == 14 ? 3
                               : lead >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      if (!is_continuation(text[i + k])) return false;
      point = point << 6 | (static_cast<std::uint8_t>(text[i + k]) & 0x3FU);
    }
    const std::uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < lowest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    i += length;
  }
  return true;
}

bool may_become_utf8(const std::string& text, std::size_t room) {
  static const std::string ends[] = {"",         "\x80",         "\xBF",        "\x80\x80",
                                     "\xBF\xBF", "\x80\x80\x80", "\xBF\xBF\xBF"};
  return std::any_of(std::begin(ends), std::end(ends),
                     [&](const std::string& end) { return end.size() <= room && is_utf8(text + end); });
}

std::string whole_characters(std::string text) {
  while (!is_utf8(text)) text.pop_back();
  return text;
}

// The definition with strings and sorting: every candidate, every step, no early stop.
std::vector<Found> plain_search(const Tables& tables, const SearchOptions& options, const Network& network,
                                const Masks& masks) {
  Scorer scorer;
  REQUIRE(scorer.prepare(tables.view()).ok());
  scorer.set_length_penalty(options.length_penalty);
  using Text = std::pair<std::string, Score>;
  std::vector<Text> alive = {{"", 0}};
  std::vector<Found> complete, cut;
  for (std::size_t length = 1; length <= options.max_length && !alive.empty(); ++length) {
    std::vector<std::tuple<Score, std::size_t, int>> candidates;  // the parent, and minus the id
    for (std::size_t row = 0; row < alive.size(); ++row) {
      const std::string& text = alive[row].first;
      const Row logits = network(text);
      std::vector<std::uint16_t> ids;
      for (std::uint16_t id = 0; id < kVocabulary; ++id) {
        if (id == kPadding || id == kMask || (masks && !masks(text).test(id))) continue;
        const bool good = id == kEos ? is_utf8(text)
                                     : may_become_utf8(text + static_cast<char>(id - kFirstByte),
                                                       options.max_length - length);
        if (good) ids.push_back(id);
      }
      if (ids.empty()) cut.push_back({text, scorer.normalized(alive[row].second, length - 1), false});
      if (ids.empty()) continue;
      const Distribution distribution = scorer.distribution(logits, ids);
      for (const std::uint16_t id : ids)
        candidates.emplace_back(alive[row].second + scorer.log_probability(distribution, id), row, id);
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
    candidates.resize(std::min(candidates.size(), options.beams == 1 ? 1 : 2 * options.beams));
    std::vector<Text> next;
    for (const auto& [score, row, id] : candidates) {
      if (id == kEos) {
        complete.push_back({alive[row].first, scorer.normalized(score, length), true});
      } else if (next.size() < options.beams) {
        next.emplace_back(alive[row].first + static_cast<char>(id - kFirstByte), score);
      }
    }
    alive = next;
  }
  for (const auto& [text, score] : alive)
    cut.push_back({text, scorer.normalized(score, options.max_length), false});
  for (Found& found : cut) found.text = whole_characters(found.text);
  std::vector<Found> out = complete;
  for (const Found& found : cut)
    if (std::none_of(out.begin(), out.end(), [&](const Found& other) { return other.text == found.text; }))
      out.push_back(found);
  std::stable_sort(out.begin(), out.end(), [](const Found& a, const Found& b) {
    return a.complete != b.complete ? a.complete : a.score > b.score;
  });
  out.resize(std::min(out.size(), options.beams));
  return out;
}

SearchOptions beam_options(std::size_t beams, std::size_t max_length, float length_penalty = 0.6f) {
  SearchOptions options;
  options.beams = beams;
  options.max_length = max_length;
  options.length_penalty = length_penalty;
  return options;
}

SearchOptions sample_options(std::size_t samples, std::size_t max_length, std::uint64_t seed) {
  SearchOptions options = beam_options(samples, max_length);
  options.strategy = Strategy::sample;
  options.seed = seed;
  return options;
}

template <typename T>
std::vector<T> from_hex(const std::string& hex) {
  std::vector<T> out;
  if (hex == "-") return out;
  for (std::size_t i = 0; i < hex.size(); i += 2 * sizeof(T)) {
    std::uint8_t raw[sizeof(T)];
    for (std::size_t k = 0; k < sizeof(T); ++k)
      raw[k] = static_cast<std::uint8_t>(std::stoi(hex.substr(i + 2 * k, 2), nullptr, 16));
    T value;
    std::memcpy(&value, raw, sizeof(T));
    out.push_back(value);
  }
  return out;
}

float float_from(const std::string& hex) { return from_hex<float>(hex).at(0); }

}  // namespace

TEST_CASE("golden searches: every text, every score") {
  const auto golden = read_file("search.golden");
  REQUIRE(!golden.empty());
  std::istringstream lines(std::string(golden.begin(), golden.end()));
  std::vector<std::int32_t> log;
  std::map<std::string, Searcher> searchers;
  std::vector<Found> expected, found;
  std::string line, described;
  int cases = 0;
  const auto compare = [&] { CHECK_MESSAGE(found == expected, described); };
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string kind, name, hex, penalty, temperature, top_p;
    words >> kind;
    if (kind == "log") {
      words >> hex;
      log = from_hex<std::int32_t>(hex);
    } else if (kind == "exp") {
      std::string scale;
      words >> name >> scale >> hex;
      searchers.try_emplace(name, Tables{from_hex<std::uint16_t>(hex), log, float_from(scale)});
    } else if (kind == "case") {
      if (cases++ > 0) compare();
      described = line;
      std::uint64_t seed = 0;
      unsigned spread = 0;
      int eos_bonus = 0;
      bool sample = false;
      SearchOptions options;
      words >> seed >> name >> spread >> eos_bonus >> options.beams >> options.max_length >> penalty >>
          sample;
      words >> temperature >> options.top_k >> top_p >> options.seed;
      REQUIRE(words);
      options.strategy = sample ? Strategy::sample : Strategy::beam;
      options.length_penalty = float_from(penalty);
      options.temperature = float_from(temperature);
      options.top_p = float_from(top_p);
      found = searchers.at(name).run(options, random_network(seed, spread, eos_bonus));
      expected.clear();
    } else {
      Found one;
      words >> one.complete >> one.score >> hex;
      const auto text = from_hex<char>(hex);
      expected.push_back({std::string(text.begin(), text.end()), one.score, one.complete});
    }
  }
  compare();
  CHECK(cases > 50);
}

// The published test of the original: probabilities that are not normalized, each the mean of what the parent
// had and of the other cache. Bytes '0', '1', '3', '4' stand for its classes and EOS for class 2; the rest of
// a sum of 3 goes to bytes too many to matter, so that all rows are shifted alike.
TEST_CASE("the original's toy decoder gives the original's beams") {
  float caches[2][2][5] = {{{0.6f, 0.8f, 0.3f, 0.7f, 0.2f}, {0.5f, 0.2f, 0.1f, 0.3f, 0.4f}},
                           {{0.6f, 0.9f, 0.8f, 0.2f, 0.8f}, {0.5f, 0.8f, 0.5f, 0.7f, 0.9f}}};
  const float scale = 0.04f;
  Searcher searcher(tables_of(scale));
  Search& search = searcher.search;
  REQUIRE(search.begin(beam_options(2, 4)).ok());
  for (int step = 1; search.rows() > 0; ++step) {
    const auto& current = caches[step % 2 == 1 ? 0 : 1];
    auto& next = caches[step % 2 == 1 ? 1 : 0];
    Row logits;
    for (std::size_t beam = 0; beam < 2; ++beam) {  // the original computes both, also where one is not valid
      const bool valid = beam < search.rows();
      const std::size_t parent = valid ? search.parents()[beam] : 0;
      double rest = 3;
      for (std::size_t k = 0; k < 5; ++k) {
        next[beam][k] = (current[parent][k] + next[beam][k]) / 2;
        rest -= next[beam][k];
      }
      const auto code = [&](double p) {
        return static_cast<std::int8_t>(127 + std::lrint(std::log(p) / scale));
      };
      Row row(kVocabulary, -128);
      std::fill_n(row.begin() + kFirstByte, 128, code(rest / 124));
      for (const std::size_t k : {0U, 1U, 3U, 4U}) row[kFirstByte + '0' + k] = code(next[beam][k]);
      row[kEos] = code(next[beam][2]);
      if (valid) logits.insert(logits.end(), row.begin(), row.end());
    }
    search.advance(logits, {});
  }
  const auto found = searcher.found();
  REQUIRE(found.size() == 2);
  CHECK(found[0].text.empty());
  CHECK(found[1].text == "1");
  CHECK(found[0].complete);
  CHECK(found[1].complete);
}

TEST_CASE("with room for all, the search is exhaustive") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    // A Markov table over three symbols: the text so far counts only by its last byte.
    RandomData random(static_cast<std::uint32_t>(seed));
    std::map<char, Row> markov;
    const int lowest = seed % 2 == 0 ? -10 : 125;  // 125: three codes, so there are ties
    for (const char last : {'\0', 'a', 'b'})
      markov[last] = random.values<std::int8_t>(kVocabulary, lowest, 127);
    for (auto& [last, row] : markov) row.resize(kVocabulary);
    const Network network = [&](const std::string& text) {
      return markov.at(text.empty() ? '\0' : text.back());
    };
    const Tables tables = tables_of(0.1f);
    Searcher searcher(tables);
    Scorer scorer;
    REQUIRE(scorer.prepare(tables.view()).ok());
    scorer.set_length_penalty(0.9f);

    const std::size_t max_length = 5;
    const std::vector<std::uint16_t> ids = {kEos, 'a' + kFirstByte, 'b' + kFirstByte};
    std::vector<Found> all;
    const std::function<void(const std::string&, Score)> enumerate = [&](const std::string& text, Score sum) {
      if (text.size() == max_length) return all.push_back({text, scorer.normalized(sum, max_length), false});
      const Row logits = network(text);
      const Distribution row = scorer.distribution(logits, ids);
      all.push_back(
          {text, scorer.normalized(sum + scorer.log_probability(row, kEos), text.size() + 1), true});
      for (const char next : {'a', 'b'})
        enumerate(text + next,
                  sum + scorer.log_probability(row, static_cast<std::uint16_t>(next + kFirstByte)));
    };
    enumerate("", 0);
    REQUIRE(all.size() == 31 + 32);
    const auto by_text = [](const Found& a, const Found& b) { return a.text < b.text; };
    const auto by_score = [&](const Found& a, const Found& b) {
      if (a.complete != b.complete) return a.complete;
      return a.score != b.score ? a.score > b.score : by_text(a, b);
    };
    std::sort(all.begin(), all.end(), by_score);
    auto found = searcher.run(beam_options(kMaxBeams, max_length, 0.9f), network, only("ab"));
    REQUIRE(found.size() == kMaxBeams);  // all 31 complete texts, and the best of those that were cut
    std::sort(found.begin(), found.end(), by_score);
    CHECK(std::equal(found.begin(), found.end() - 1, all.begin()));
    CHECK(found.back().score == all[31].score);
    CHECK(!found.back().complete);
  }
}

TEST_CASE("early stop, steps back and sorted candidates change nothing") {
  int stopped_early = 0;
  const Tables tables = tables_of(0.12f);
  Searcher searcher(tables);
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const std::size_t beams = 1 + seed % 6;
    const SearchOptions options = beam_options(beams, 1 + seed % 11, static_cast<float>(seed % 5) * 0.5f);
    const unsigned spread = seed % 3 == 0 ? 6 : 0;
    const Network network = random_network(seed, spread, spread == 0 ? 210 : static_cast<int>(seed % 4));
    const Masks masks = seed % 2 == 0 ? Masks() : Masks(random_mask);
    const auto found = searcher.run(options, network, masks);
    CHECK(found == plain_search(tables, options, network, masks));
    stopped_early += searcher.steps < static_cast<int>(options.max_length);
  }
  CHECK(stopped_early > 20);
}

TEST_CASE("what is found is sorted, is UTF-8, and is there once") {
  Searcher searcher(tables_of(0.15f));
  std::size_t longest = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SearchOptions options = beam_options(1 + seed % 9, 1 + seed % 20);
    if (seed % 3 == 0) options = sample_options(1 + seed % 9, 1 + seed % 20, seed);
    const auto found =
        searcher.run(options, random_network(seed, 0, 150), seed % 2 == 0 ? Masks() : Masks(random_mask));
    REQUIRE(!found.empty());
    REQUIRE(found.size() <= options.beams);
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(is_utf8(found[i].text));
      CHECK(found[i].text.size() + (found[i].complete ? 1 : 0) <= options.max_length);
      CHECK(found[i].score <= 0);
      longest = std::max(longest, found[i].text.size());
      if (i == 0) continue;
      CHECK(found[i - 1].complete >= found[i].complete);
      if (found[i - 1].complete == found[i].complete) CHECK(found[i - 1].score >= found[i].score);
      for (std::size_t k = 0; k < i && options.strategy == Strategy::beam; ++k)
        CHECK(found[k].text != found[i].text);
    }
  }
  CHECK(longest > 10);
}

TEST_CASE("one beam is greedy search") {
  Searcher searcher(tables_of(0.2f));
  int ended = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Network network = random_network(seed, seed % 2 == 0 ? 0 : 7, seed % 2 == 0 ? 100 : 0);
    const std::size_t max_length = 1 + seed % 30;
    std::string text;
    bool complete = false;
    while (text.size() < max_length && !complete) {
      const Row logits = network(text);
      int best = -1;  // id 1 comes first: EOS wins a tie
      for (int id = 0; id < static_cast<int>(kVocabulary); ++id) {
        if (id == kPadding || id == kMask) continue;
        const bool good = id == kEos ? is_utf8(text)
                                     : may_become_utf8(text + static_cast<char>(id - kFirstByte),
                                                       max_length - text.size() - 1);
        const auto at = [&](int i) { return logits[static_cast<std::size_t>(i)]; };
        if (good && (best < 0 || at(id) > at(best))) best = id;
      }
      complete = best == kEos;
      if (!complete) text.push_back(static_cast<char>(best - kFirstByte));
    }
    const auto found = searcher.run(beam_options(1, max_length), network);
    REQUIRE(found.size() == 1);
    CHECK(found[0].text == text);
    CHECK(found[0].complete == complete);
    ended += complete;
  }
  CHECK(ended > 5);
}

TEST_CASE("equal scores are ordered by beam, then by id, and the earlier end comes first") {
  Searcher searcher(tables_of(0.1f));
  const auto found = searcher.run(beam_options(4, 3, 0), constant_network(5), only("dcba"));
  REQUIRE(found.size() == 4);
  const Score each = found[0].score;  // -ln 5
  CHECK(found[0] == Found{"", each, true});
  CHECK(found[1] == Found{"a", 2 * each, true});  // of the second step's four ends two are among the best 8
  CHECK(found[2] == Found{"b", 2 * each, true});
  CHECK(found[3] == Found{"aa", 3 * each, true});
}

TEST_CASE("floats find the same texts, with scores that are as close as the tables are fine") {
  constexpr std::size_t max_length = 24;
  for (const float scale : {0.03f, 0.12f, 0.6f}) {
    const Tables tables = tables_of(scale);
    Searcher searcher(tables);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const std::size_t beams = seed % 2 == 0 ? 4 : 1 + seed % 9;
      const SearchOptions options = beam_options(beams, max_length, static_cast<float>(seed % 5) * 0.3f);
      const Network network = random_network(seed, 0, 180);
      FloatSearch floats(beams, max_length);
      floats.begin(options);
      std::vector<std::string> texts = {""};
      for (bool begun = false; floats.rows() > 0; begun = true) {
        std::vector<std::string> next;
        std::vector<float> logits;
        for (std::size_t row = 0; row < floats.rows(); ++row) {
          next.push_back(texts.at(floats.parents()[row]));
          if (begun) next.back().push_back(static_cast<char>(floats.ids()[row] - kFirstByte));
          for (const std::int8_t code : network(next.back()))
            logits.push_back(scale * static_cast<float>(code));
        }
        texts = next;
        floats.advance(logits);
      }
      const auto found = searcher.run(options, network);
      const auto expected = floats.hypotheses();
      CAPTURE(scale);
      CAPTURE(seed);
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        std::vector<std::uint8_t> room(expected[i].place.length);
        const auto text = floats.read(expected[i].place, room);
        CHECK(found[i].text == std::string(text.begin(), text.end()));
        CHECK(found[i].complete == expected[i].complete);
        // Entries of the tables are off by 2^-16 at most, upwards and downwards.
        CHECK(std::abs(static_cast<double>(found[i].score) * 0x1p-20 - double{expected[i].score}) < 0x1p-12);
      }
    }
  }
}

TEST_CASE("only differences between logits count, at both ends of the range") {
  Searcher searcher(tables_of(0.1f));
  for (const std::size_t beams : {1U, 3U, 32U}) {
    const SearchOptions options = beam_options(beams, 6);
    const auto lowest = searcher.run(options, constant_network(-128));
    CHECK(searcher.run(options, constant_network(127)) == lowest);
    CHECK(lowest.at(0).text.empty());
    // EOS, ASCII, and the 51 bytes that start longer characters.
    CHECK(std::abs(static_cast<double>(lowest[0].score) / 1048576 + std::log(1 + 128 + 51)) < 1e-5);
  }
}

TEST_CASE("the widest logits, at the largest scale and length, stay within range") {
  const Tables tables = tables_of(kMaxLogitScale);
  Searcher searcher(tables, 2, kMaxTextLength);
  // EOS is likely and 'a' the least likely: 'a' is taken only because a second beam has to be.
  const Network network = constant_network(-128, {{kEos, 127}});
  const auto found = searcher.run(beam_options(2, kMaxTextLength, 0), network, only("a"));
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Found{"", 0, true});
  CHECK(found[1] == Found{"a", -Score{255} * (16 << 20), true});
  // The longest text: EOS is forbidden, so each step is certain and costs nothing.
  const auto longest = searcher.run(beam_options(2, kMaxTextLength, 2), network, only("a", false));
  CHECK(longest == std::vector<Found>{{std::string(kMaxTextLength, 'a'), 0, false}});
  // The dearest sum that there can be, undefined behaviour if it overflowed.
  Scorer scorer;
  REQUIRE(scorer.prepare(tables.view()).ok());
  const Score each = Score{255} * (16 << 20) + (6 << 20);  // ln 259 < 6
  const Score dearest = -each * static_cast<Score>(kMaxTextLength);
  scorer.set_length_penalty(0);
  CHECK(scorer.normalized(dearest, kMaxTextLength) == dearest);
  scorer.set_length_penalty(kMaxLengthPenalty);
  const double exact = static_cast<double>(dearest) / std::pow((5.0 + kMaxTextLength) / 6, 2);
  CHECK(std::abs(static_cast<double>(scorer.normalized(dearest, kMaxTextLength)) / exact - 1) < 1e-4);
}

TEST_CASE("padding and MASK are never produced, however likely") {
  Searcher searcher(tables_of(0.1f));
  const Network likely = constant_network(-128, {{kPadding, 127}, {kMask, 127}});
  for (const SearchOptions& options : {beam_options(4, 6), sample_options(4, 6, 3)})
    CHECK(searcher.run(options, likely) == searcher.run(options, constant_network(-128)));
}

TEST_CASE("EOS at once") {
  Searcher searcher(tables_of(0.5f));
  const auto found = searcher.run(beam_options(3, 20), constant_network(-128, {{kEos, 127}}));
  REQUIRE(found.size() == 3);
  CHECK(found[0] == Found{"", 0, true});  // the others together are less likely than 2^-15
  CHECK(searcher.steps < 20);
  CHECK(searcher.run(beam_options(3, 20), constant_network(0), only("")) ==
        std::vector<Found>{{"", 0, true}});
  CHECK(searcher.steps == 1);
}

TEST_CASE("the maximum length is reached without EOS") {
  Searcher searcher(tables_of(0.1f));
  const Network network = constant_network(-100, {{'x' + kFirstByte, 100}, {'y' + kFirstByte, 90}});
  const auto found = searcher.run(beam_options(3, 5), network, only("xy", false));
  REQUIRE(found.size() == 3);
  CHECK(searcher.steps == 5);
  CHECK(found[0].text == "xxxxx");
  for (const Found& one : found) CHECK(!one.complete);
  // Where only EOS would fit no character is begun.
  const auto euros = searcher.run(beam_options(2, 8), constant_network(0), only("\xE2\x82\xAC", false));
  REQUIRE(euros.size() == 2);
  for (const Found& one : euros) {
    CHECK(one.text.size() == 6);
    CHECK(!one.complete);
  }
}

TEST_CASE("masks that leave nothing, or fewer ids than beams") {
  Searcher searcher(tables_of(0.1f));
  const Masks nothing = [](const std::string&) { return IdSet(); };
  CHECK(searcher.run(beam_options(4, 9), constant_network(0), nothing) == std::vector<Found>{{"", 0, false}});
  CHECK(searcher.run(sample_options(2, 9, 0), constant_network(0), nothing) ==
        std::vector<Found>(2, Found{"", 0, false}));
  // Stuck inside a character: what is whole is given back, once.
  const auto stuck = searcher.run(beam_options(4, 9), constant_network(0), only("\xC3\xC4", false));
  REQUIRE(stuck.size() == 1);
  CHECK(stuck[0].text.empty());
  CHECK(!stuck[0].complete);
  const auto single = searcher.run(beam_options(8, 4), constant_network(0), only("q"));
  REQUIRE(single.size() == 5);  // "", q, qq, qqq complete, qqqq cut
  CHECK(single.back() == Found{"qqqq", single.back().score, false});
}

TEST_CASE("a cut text, however likely, does not keep a complete one out") {
  Searcher searcher(tables_of(0.1f));
  const Network network =
      constant_network(-128, {{'a' + kFirstByte, 100}, {kEos, 90}, {'b' + kFirstByte, 0}});
  // After "a" nothing may follow, after "b" only "c", and after that EOS: "bc" completes after "a" was cut.
  const Masks masks = [](const std::string& text) {
    const char* next = text.empty() ? "ab" : text == "b" ? "c" : "";
    return only(next, text.empty() || text == "bc")(text);
  };
  const auto found = searcher.run(beam_options(2, 9), network, masks);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Found{"", found[0].score, true});
  CHECK(found[1] == Found{"bc", found[1].score, true});
  const auto three = searcher.run(beam_options(3, 9), network, masks);
  REQUIRE(three.size() == 3);
  CHECK(three[2] == Found{"a", three[2].score, false});
  CHECK(three[2].score > three[1].score);
}

TEST_CASE("a search leaves no trace in the next, and can be stopped at any step") {
  Searcher searcher(tables_of(0.15f));
  const SearchOptions options = beam_options(4, 20);
  const Network network = random_network(11, 0, 120);
  const auto first = searcher.run(options, network);
  searcher.run(sample_options(32, 64, 9), random_network(12, 3, 0));
  for (int steps = 0; steps < 8; ++steps) {
    const auto part = searcher.run(options, network, {}, steps);
    REQUIRE(!part.empty());
    CHECK(searcher.search.rows() == 0);
    for (const Found& one : part) {
      CHECK(is_utf8(one.text));
      CHECK(one.text.size() <= static_cast<std::size_t>(steps));
    }
  }
  CHECK(searcher.run(options, network) == first);
}

TEST_CASE("scores are log-probabilities") {
  for (const float scale : {0.01f, 0.1f, 1.0f, 16.0f}) {
    const Tables tables = tables_of(scale);
    Scorer scorer;
    REQUIRE(scorer.prepare(tables.view()).ok());
    RandomData random(5);
    for (const Fill fill : kFills) {
      const Row logits = random.values<std::int8_t>(kVocabulary, -128, 127, fill);
      std::vector<std::uint16_t> ids;
      for (std::uint16_t id = 1; id < kVocabulary; id = static_cast<std::uint16_t>(id + 2)) ids.push_back(id);
      const Distribution row = scorer.distribution({logits.data(), kVocabulary}, ids);
      double sum = 0;
      for (const std::uint16_t id : ids) sum += std::exp(double{scale} * (logits[id] - row.highest));
      // Each entry of the exp table is off by at most half a step of 2^-15.
      const double bound = static_cast<double>(ids.size()) * 0.5 / 32768 / sum + 1e-5;
      for (const std::uint16_t id : ids) {
        const double exact = double{scale} * (logits[id] - row.highest) - std::log(sum);
        const double score = static_cast<double>(scorer.log_probability(row, id)) / 1048576;
        CHECK(std::abs(score - exact) < bound + 1e-6 * std::abs(exact) + 255 * 0.5 / 1048576);
        CHECK(score <= 0);
      }
    }
    scorer.set_length_penalty(0.6f);
    for (const std::size_t length : {1U, 2U, 10U, 1000U, 16384U}) {
      const double exact = -12.5 / std::pow((5.0 + static_cast<double>(length)) / 6, 0.6);
      CHECK(std::abs(static_cast<double>(scorer.normalized(-Score{25} << 19, length)) / 1048576 - exact) <
            2e-4);
      if (length > 1) CHECK(scorer.normalized(-1000000, length - 1) <= scorer.normalized(-1000000, length));
    }
    CHECK(scorer.normalized(-1234567, 1) == -1234567);
    scorer.set_length_penalty(0);
    CHECK(scorer.normalized(-1234567, 777) == -1234567);
  }
}

TEST_CASE("the integer logarithm and its inverse") {
  const Tables tables = tables_of(1);
  const Logarithm logarithm(tables.log);
  CHECK(logarithm.of(1) == 0);
  CHECK(logarithm.of(2) == Logarithm::kLn2);
  Score last = -1;
  for (std::uint64_t n = 1; n < 200'000; ++n) {
    const Score now = logarithm.of(n);
    REQUIRE(now >= last);
    REQUIRE(std::abs(static_cast<double>(now) - 1048576 * std::log(static_cast<double>(n))) < 16);
    last = now;
  }
  CHECK(logarithm.of((std::uint64_t{1} << 40) - 1) <= 40 * Logarithm::kLn2);
  for (const int bits : {16, 22}) {
    CHECK(logarithm.exp(0, bits) == std::uint64_t{1} << bits);
    CHECK(logarithm.exp(std::numeric_limits<std::int64_t>::min() / 2, bits) == 0);
    CHECK(logarithm.exp(-bits * Logarithm::kLn2, bits) == 1);
    CHECK(logarithm.exp(-bits * Logarithm::kLn2 - 1, bits) == 0);
    std::uint64_t before = 0;
    for (Score x = -(17 << 20); x < 12 << 20; x += 977) {
      const std::uint64_t now = logarithm.exp(x, bits);
      const double exact = std::ldexp(std::exp(static_cast<double>(x) / 1048576), bits);
      REQUIRE(now >= before);
      REQUIRE(std::abs(static_cast<double>(now) - exact) < 1 + 2e-5 * exact);
      before = now;
    }
  }
}

TEST_CASE("PCG32 gives its published numbers") {
  Pcg32 generator(42, 54);
  for (const std::uint32_t expected :
       {0xa15c02b7U, 0x7b47f409U, 0xba1d3330U, 0x83d2f293U, 0xbfa4784bU, 0xcbed606eU})
    CHECK(generator.next() == expected);
  for (int i = 0; i < 1000; ++i) CHECK(generator.below(3) < 3);
  CHECK(generator.below(1) == 0);
}

TEST_CASE("a seed gives its samples, whatever stands beside them") {
  Searcher searcher(tables_of(0.05f));
  const Network network = random_network(21, 0, 100);
  const auto by_text = [](std::vector<Found> found) {
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.text < b.text; });
    return found;
  };
  const auto three = by_text(searcher.run(sample_options(3, 12, 77), network));
  const auto nine = by_text(searcher.run(sample_options(9, 12, 77), network));
  CHECK(three.size() == 3);
  CHECK(nine.size() == 9);
  const auto text_less = [](const Found& a, const Found& b) { return a.text < b.text; };
  CHECK(std::includes(nine.begin(), nine.end(), three.begin(), three.end(), text_less));
  CHECK(by_text(searcher.run(sample_options(3, 12, 77), network)) == three);
  CHECK(by_text(searcher.run(sample_options(3, 12, 78), network)) != three);
}

TEST_CASE("samples that leave no choice are greedy") {
  Searcher searcher(tables_of(0.1f));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Network ties = random_network(seed, 6, 1);
    const auto greedy = searcher.run(beam_options(1, 12), ties);
    SearchOptions first = sample_options(1, 12, seed), nucleus = first;
    first.top_k = 1;
    nucleus.top_p = 1e-6f;
    CHECK(searcher.run(first, ties) == greedy);
    CHECK(searcher.run(nucleus, ties) == greedy);
  }
}

TEST_CASE("ids are drawn as often as they are likely") {
  // e^0, e^-1, e^-2 for a, b, c, and EOS forbidden: 2000 texts of one byte.
  Searcher searcher(tables_of(0.1f));
  const Network network =
      constant_network(-128, {{'a' + kFirstByte, 20}, {'b' + kFirstByte, 10}, {'c' + kFirstByte, 0}});
  const auto drawn = [&](float temperature, std::size_t top_k, float top_p) {
    std::map<std::string, int> counts;
    for (std::uint64_t seed = 0; seed < 250; ++seed) {
      SearchOptions options = sample_options(8, 1, seed);
      options.temperature = temperature;
      options.top_k = top_k;
      options.top_p = top_p;
      for (const Found& found : searcher.run(options, network, only("abc", false))) ++counts[found.text];
    }
    return counts;
  };
  const auto likely = [&](std::map<std::string, int> counts, double b, double c) {
    const double sum = 1 + b + c;
    for (const auto& [text, share] : {std::pair{"a", 1 / sum}, {"b", b / sum}, {"c", c / sum}})
      CHECK(std::abs(counts[text] / 2000.0 - share) <= 5 * std::sqrt(share * (1 - share) / 2000));
  };
  likely(drawn(1, 0, 1), std::exp(-1), std::exp(-2));
  likely(drawn(2, 0, 1), std::exp(-0.5), std::exp(-1));
  likely(drawn(0.5f, 0, 1), std::exp(-2), std::exp(-4));
  likely(drawn(1, 2, 1), std::exp(-1), 0);
  likely(drawn(1, 0, 0.7f), std::exp(-1), 0);  // a alone is 0.665
  likely(drawn(1, 0, 0.66f), 0, 0);
  likely(drawn(1, 2, 0.72f), 0, 0);  // top-p counts within top-k: a is 0.731 there
}

TEST_CASE("wrong options and tables are named") {
  Searcher searcher(tables_of(0.1f), 4, 10);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [&](const char* name, const std::function<void(SearchOptions&)>& spoil) {
    SearchOptions options = beam_options(4, 10);
    REQUIRE(searcher.search.begin(options).ok());
    spoil(options);
    const Status status = searcher.search.begin(options);
    CHECK(status.code() == Code::invalid_argument);
    CHECK_MESSAGE(status.message().find(name) != std::string_view::npos, std::string(status.message()));
    CHECK(searcher.search.rows() == 0);
  };
  for (const std::size_t wrong : {0U, 5U}) refused("beams", [&](SearchOptions& o) { o.beams = wrong; });
  for (const std::size_t wrong : {0U, 11U})
    refused("max_length", [&](SearchOptions& o) { o.max_length = wrong; });
  for (const float wrong : {-0.1f, 2.1f, nan})
    refused("length_penalty", [&](SearchOptions& o) { o.length_penalty = wrong; });
  for (const float wrong : {0.0f, -1.0f, 101.0f, nan})
    refused("temperature", [&](SearchOptions& o) { o.temperature = wrong; });
  for (const float wrong : {0.0f, 1.1f, nan}) refused("top_p", [&](SearchOptions& o) { o.top_p = wrong; });

  const auto refused_tables = [](const char* name, const std::function<void(Tables&)>& spoil) {
    Tables tables = tables_of(0.1f);
    spoil(tables);
    Search search;
    const Status status = search.prepare(tables.view());
    CHECK(status.code() == Code::invalid_model);
    CHECK_MESSAGE(status.message().find(name) != std::string_view::npos, std::string(status.message()));
  };
  refused_tables("exp", [](Tables& t) { t.exp[0] = 1; });
  refused_tables("exp", [](Tables& t) { t.exp[9] = 40000; });
  refused_tables("256", [](Tables& t) { t.exp.pop_back(); });
  refused_tables("256", [](Tables& t) { t.log.clear(); });
  refused_tables("log", [](Tables& t) { t.log[0] = -1; });
  refused_tables("log", [](Tables& t) { t.log[7] = t.log[8]; });
  refused_tables("log", [](Tables& t) { t.log[255] = Logarithm::kLn2; });
  for (const float wrong : {0.0f, -1.0f, 17.0f, nan})
    refused_tables("scale", [&](Tables& t) { t.scale = wrong; });
}
