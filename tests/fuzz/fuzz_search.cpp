// The search against a plain retelling of it: whatever the logits, the masks and the options, the texts that
// it finds are UTF-8, within their length, in order, and each has the score that its path adds up to; beams
// find what a search finds that sorts all candidates and never ends early; a drawn id is one that top-k and
// top-p leave.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "operands.h"
#include "search/search.h"

using namespace byteflow;

namespace {

struct Tables {
  explicit Tables(float of) : exp(256), log(256), scale(of) {
    for (std::size_t i = 0; i < 256; ++i) {
      exp[i] =
          static_cast<std::uint16_t>(std::lrint(32'768 * std::exp(-double{of} * static_cast<double>(i))));
      log[i] = static_cast<std::int32_t>(std::lrint(1'048'576 * std::log1p(static_cast<double>(i) / 256)));
    }
  }
  std::vector<std::uint16_t> exp;
  std::vector<std::int32_t> log;
  float scale;
};

// How a text may go on, told without Utf8State: RFC 3629's table of byte sequences.
bool begins_characters(const std::string& text, std::size_t& begun, std::size_t& length) {
  for (std::size_t i = 0; i < text.size(); i += length) {
    const auto at = [&](std::size_t k) { return static_cast<std::uint8_t>(text[i + k]); };
    const std::uint8_t lead = at(0);
    length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0) return false;
    const std::size_t there = std::min(length, text.size() - i);
    for (std::size_t k = 1; k < there; ++k) {
      const std::uint8_t low = k > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const std::uint8_t high = k > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (at(k) < low || at(k) > high) return false;
    }
    begun = there < length ? there : 0;
    if (begun > 0) return true;
  }
  begun = 0;
  return true;
}

struct Path {
  std::string text;
  Score score = 0;
};

struct Found {
  std::string text;
  Score score = 0;
  bool complete = false;
  friend bool operator==(const Found&, const Found&) = default;
};

class Run {
 public:
  Run(Operands& operands, const Tables& tables, const SearchOptions& options, std::size_t max_beams,
      std::size_t max_length, std::uint32_t seed, int style, bool masked)
      : options_(options), scale_(double{tables.scale}), seed_(seed), style_(style), masked_(masked) {
    const SearchTables view = {tables.exp, tables.log, tables.scale};
    Arena counting;
    search_.allocate(max_beams, max_length, counting);
    memory_ = allocate_aligned(counting.used());
    std::fill_n(memory_.get(), counting.used(), std::byte{0xA5});
    Arena arena(memory_.get());
    search_.allocate(max_beams, max_length, arena);
    require(search_.prepare(view).ok() && scorer_.prepare(view).ok(), "the tables are good");
    require(search_.begin(options).ok(), "the options are good");
    scorer_.set_length_penalty(options.length_penalty);
    stop_after_ = operands.flip() ? operands.choose<std::size_t>(0, 40) : max_length + 1;
  }

  void run() {
    std::vector<Path> paths(options_.beams);
    std::size_t steps = 0;
    for (; search_.rows() > 0; ++steps) {
      require(steps < options_.max_length, "no more steps than ids");
      require(search_.rows() <= options_.beams, "no more rows than beams");
      if (steps == stop_after_) {
        search_.stop();
        require(search_.rows() == 0, "a search that was stopped is over");
        break;
      }
      std::vector<Path> now;
      std::vector<std::int8_t> logits;
      std::vector<IdSet> masks;
      for (std::size_t row = 0; row < search_.rows(); ++row) {
        now.push_back(paths.at(search_.parents()[row]));
        const std::uint16_t id = search_.ids()[row];
        require(steps == 0 ? id == kPadding : id >= kFirstByte && id < kVocabulary, "ids are bytes");
        if (steps > 0) go_on(now.back(), id);
        require(now.back().text.size() == steps, "a byte a step");
        const auto own = logits_of(now.back().text);
        logits.insert(logits.end(), own.begin(), own.end());
        if (masked_) masks.push_back(mask_of(now.back().text));
      }
      paths = now;
      for (std::size_t row = 0; row < paths.size(); ++row) {
        seen_[paths[row].text] = paths[row].score;
        const Hypothesis draft = search_.draft(row);
        const auto read = search_.read(draft.place, room_);
        require(paths[row].text.starts_with(std::string(read.begin(), read.end())), "a draft is a prefix");
        require(draft.score == scorer_.normalized(paths[row].score, steps), "a draft has its path's score");
      }
      search_.advance(logits, masks);
    }
    check();
    if (options_.strategy == Strategy::beam) check_beams();
  }

 private:
  [[nodiscard]] std::uint64_t hash(const std::string& text) const {
    std::uint64_t state = 0xcbf29ce484222325 ^ seed_;
    for (const char c : text) state = (state ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return state;
  }

  [[nodiscard]] std::vector<std::int8_t> logits_of(const std::string& text) const {
    Pcg32 random(hash(text), 1);
    std::vector<std::int8_t> out(kVocabulary);
    for (std::int8_t& code : out) {
      const auto value = static_cast<std::int32_t>(random.below(256)) - 128;
      code = static_cast<std::int8_t>(style_ == 0   ? value
                                      : style_ == 1 ? value / 64
                                      : style_ == 2 ? 0
                                                    : (value < 100 ? -128 : 127));
    }
    if (style_ == 1) out[kEos] = static_cast<std::int8_t>(random.below(8));
    return out;
  }

  [[nodiscard]] IdSet mask_of(const std::string& text) const {
    Pcg32 random(hash(text), 2);
    IdSet mask;
    const std::uint32_t of = 1 + random.below(40);
    for (std::size_t id = 0; id < kVocabulary; ++id) mask.set(id, random.below(of) == 0);
    return mask;
  }

  [[nodiscard]] std::vector<std::uint16_t> allowed(const std::string& text) const {
    std::vector<std::uint16_t> out;
    const IdSet mask = masked_ ? mask_of(text) : ~IdSet();
    for (std::uint16_t id = 1; id < kVocabulary; ++id) {
      if (id == kMask || !mask.test(id)) continue;
      std::size_t begun = 0, length = 1;
      if (id == kEos) {
        if (!begins_characters(text, begun, length) || begun > 0) continue;
      } else {
        const std::string longer = text + static_cast<char>(id - kFirstByte);
        if (!begins_characters(longer, begun, length)) continue;
        if (begun > 0 && longer.size() - begun + length > options_.max_length) continue;
      }
      out.push_back(id);
    }
    return out;
  }

  void go_on(Path& path, std::uint16_t id) const {
    const auto ids = allowed(path.text);
    require(std::find(ids.begin(), ids.end(), id) != ids.end(), "only allowed ids are taken");
    const auto logits = logits_of(path.text);
    const Distribution row = scorer_.distribution(logits, ids);
    if (options_.strategy == Strategy::beam && options_.beams == 1) {
      const auto best = std::max_element(
          ids.begin(), ids.end(), [&](std::uint16_t a, std::uint16_t b) { return logits[a] < logits[b]; });
      require(id == *best, "one beam takes the likeliest id, of equals the first");
    }
    if (options_.strategy == Strategy::sample) check_drawn(ids, logits, id);
    path.score += scorer_.log_probability(row, id);
    require(scorer_.log_probability(row, id) <= Logarithm::kLn2 / 1'000,
            "a probability is at most 1, but for rounding");
    path.text.push_back(static_cast<char>(id - kFirstByte));
  }

  void check() {
    std::vector<std::string> out;
    const auto found = search_.hypotheses();
    require(!found.empty() && found.size() <= options_.beams,
            "a search finds something, and no more than its beams");
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Hypothesis& hypothesis = found[i];
      if (i > 0) {
        require(found[i - 1].complete >= hypothesis.complete, "complete texts come first");
        require(found[i - 1].complete != hypothesis.complete || found[i - 1].score >= hypothesis.score,
                "best first");
      }
      require(hypothesis.place.length + (hypothesis.complete ? 1 : 0) <= options_.max_length,
              "no text is too long");
      const auto bytes = search_.read(hypothesis.place, room_);
      const std::string text(bytes.begin(), bytes.end());
      std::size_t begun = 0, length = 1;
      require(begins_characters(text, begun, length) && begun == 0, "a text is whole characters");
      // The last byte of a text that was cut has not been fed.
      const bool known =
          seen_.contains(text) || (!hypothesis.complete && seen_.contains(text.substr(0, text.size() - 1)));
      require(known, "a text was under way");
      if (hypothesis.complete) {
        const auto ids = allowed(text);
        const auto logits = logits_of(text);
        const Score whole = seen_[text] + scorer_.log_probability(scorer_.distribution(logits, ids), kEos);
        require(hypothesis.score == scorer_.normalized(whole, text.size() + 1),
                "a score is the sum of its path over the length penalty");
      }
      out.push_back(text);
      if (options_.strategy == Strategy::beam)
        for (std::size_t k = 0; k < i; ++k)
          require(found[k].complete != hypothesis.complete || out[k] != text,
                  "beams do not find a text twice");
    }
  }

  // The best that are left, complete ones first and among equals the earlier.
  void keep(std::vector<Found>& found, const Found& one) const {
    const auto better = [](const Found& a, const Found& b) {
      return a.complete != b.complete ? a.complete : a.score > b.score;
    };
    found.insert(std::upper_bound(found.begin(), found.end(), one, better), one);
    if (found.size() > options_.beams) found.pop_back();
  }

  // A text under way without the character that is not finished, unless it was found already.
  void keep_cut(std::vector<Found>& found, const Path& path) const {
    std::size_t begun = 0, length = 1;
    require(begins_characters(path.text, begun, length), "a text under way is UTF-8 so far");
    const std::string text = path.text.substr(0, path.text.size() - begun);
    if (std::none_of(found.begin(), found.end(), [&](const Found& other) { return other.text == text; }))
      keep(found, {text, scorer_.normalized(path.score, path.text.size()), false});
  }

  // Beam search as it is defined: the candidates of all rows are sorted, and no end comes early.
  void check_beams() {
    struct Candidate {
      Score score;
      std::size_t row;
      std::uint16_t id;
    };
    std::vector<Path> paths(1);
    std::vector<Found> found;
    for (std::size_t step = 0; !paths.empty() && step < options_.max_length && step != stop_after_; ++step) {
      std::vector<Candidate> candidates;
      for (std::size_t row = 0; row < paths.size(); ++row) {
        const auto ids = allowed(paths[row].text);
        if (ids.empty()) {
          keep_cut(found, paths[row]);
          continue;
        }
        const auto logits = logits_of(paths[row].text);
        const Distribution distribution = scorer_.distribution(logits, ids);
        for (const std::uint16_t id : ids) {
          const Score added = scorer_.log_probability(distribution, id);
          if (added > 0) return;  // by rounding; then a longer text may overtake one that was settled
          candidates.push_back({paths[row].score + added, row, id});
        }
      }
      std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return std::tuple(-a.score, a.row, a.id) < std::tuple(-b.score, b.row, b.id);
      });
      candidates.resize(std::min(candidates.size(), options_.beams == 1 ? 1 : 2 * options_.beams));
      std::vector<Path> next;
      for (const Candidate& candidate : candidates) {
        const std::string& text = paths[candidate.row].text;
        if (candidate.id == kEos)
          keep(found, {text, scorer_.normalized(candidate.score, step + 1), true});
        else if (next.size() < options_.beams)
          next.push_back({text + static_cast<char>(candidate.id - kFirstByte), candidate.score});
      }
      paths = next;
    }
    for (const Path& path : paths) keep_cut(found, path);

    std::vector<Found> searched;
    for (const Hypothesis& hypothesis : search_.hypotheses()) {
      const auto bytes = search_.read(hypothesis.place, room_);
      searched.push_back({{bytes.begin(), bytes.end()}, hypothesis.score, hypothesis.complete});
    }
    // Where the search was stopped from outside, it may have been over before.
    require(searched == found, "beams find the best of all candidates");
  }

  // What sampling may draw: the likeliest top_k, and of these the fewest whose shares reach top_p.
  void check_drawn(const std::vector<std::uint16_t>& ids, const std::vector<std::int8_t>& logits,
                   std::uint16_t id) const {
    std::vector<std::uint16_t> order = ids;
    std::sort(order.begin(), order.end(), [&](std::uint16_t a, std::uint16_t b) {
      return std::pair(-logits[a], a) < std::pair(-logits[b], b);
    });
    if (options_.top_k > 0) order.resize(std::min(order.size(), options_.top_k));
    double total = 0, ahead = 0;
    // Rounded as the search takes them: a scale to 2^-20, a temperature to 2^-16.
    const double scale = std::rint(scale_ * 0x1p20) * 0x1p-20,
                 temperature = std::rint(double{options_.temperature} * 0x1p16) * 0x1p-16;
    const auto share = [&](std::uint16_t one) {
      return std::exp((logits[one] - logits[order[0]]) * scale / temperature);
    };
    for (const std::uint16_t one : order) total += share(one);
    std::size_t place = 0;
    for (; place < order.size() && order[place] != id; ++place) ahead += share(order[place]);
    require(place < order.size(), "a drawn id is one of the likeliest top_k");
    // Shares are whole parts of 2^22 of the largest, and top_p of 2^16.
    require(ahead <= (double{options_.top_p} + 0x1p-15) * total + 0x1p-12 * static_cast<double>(order.size()),
            "a drawn id is one that top_p leaves");
  }

  SearchOptions options_;
  double scale_;  // of the logits
  std::uint32_t seed_;
  int style_;
  bool masked_;
  std::size_t stop_after_ = 0;
  AlignedMemory memory_;
  Search search_;
  Scorer scorer_;
  std::map<std::string, Score> seen_ = {{"", 0}};
  std::array<std::uint8_t, 128> room_ = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Operands operands(data, size);
  const Tables tables(std::min(operands.magnitude(-12, 4), kMaxLogitScale));
  const auto max_beams = operands.choose<std::size_t>(1, kMaxBeams),
             max_length = operands.choose<std::size_t>(1, 60);
  SearchOptions options;
  options.strategy = operands.flip() ? Strategy::sample : Strategy::beam;
  options.beams = operands.choose<std::size_t>(1, std::min<std::size_t>(max_beams, 8));
  options.max_length = operands.choose<std::size_t>(1, max_length);
  options.length_penalty = static_cast<float>(operands.choose<int>(0, 20)) / 10.0f;
  options.temperature = std::clamp(operands.magnitude(-7, 8), kMinTemperature, kMaxTemperature);
  options.top_k = operands.choose<std::size_t>(0, 300);
  options.top_p = static_cast<float>(operands.choose<int>(1, 1'000)) / 1'000.0f;
  options.seed = operands.choose<std::uint64_t>(0, ~std::uint64_t{0});
  const auto seed = operands.choose<std::uint32_t>(0, ~std::uint32_t{0});
  const int style = operands.choose(0, 3);
  const bool masked = operands.flip();
  Run run(operands, tables, options, max_beams, max_length, seed, style, masked);
  run.run();
  return 0;
}
