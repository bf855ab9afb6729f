#include "search/search.h"

#include <algorithm>
#include <utility>

namespace byteflow {

namespace {

Status outside(const char* option, std::size_t value, std::size_t highest) {
  return Status::error(Code::invalid_argument,
                       {"search: ", option, " must lie between 1 and ", highest, ", not at ", value});
}

Status outside(const char* option, const char* range) {
  return Status::error(Code::invalid_argument, {"search: ", option, " must lie ", range});
}

// False for what is not a number.
bool between(float value, float lowest, float highest) { return value >= lowest && value <= highest; }

}  // namespace

void Search::allocate(std::size_t max_beams, std::size_t max_length, Arena& arena) {
  max_beams_ = std::min(max_beams, kMaxBeams);
  max_length_ = std::min(max_length, kMaxTextLength);
  trellis_.allocate(max_beams_, max_length_, arena);
  beams_ = arena.take<Beam>(max_beams_);
  followed_ = arena.take<Beam>(max_beams_);
  parents_ = arena.take<std::uint16_t>(max_beams_);
  ids_ = arena.take<std::uint16_t>(max_beams_);
  allowed_ = arena.take<std::uint16_t>(kVocabulary);
  candidates_ = arena.take<Candidate>(2 * max_beams_);
  hypotheses_ = arena.take<Hypothesis>(max_beams_);
}

Status Search::begin(const SearchOptions& options) {
  rows_ = found_ = 0;
  if (options.beams < 1 || options.beams > max_beams_) return outside("beams", options.beams, max_beams_);
  if (options.max_length < 1 || options.max_length > max_length_)
    return outside("max_length", options.max_length, max_length_);
  if (!between(options.length_penalty, 0, kMaxLengthPenalty))
    return outside("length_penalty", "between 0 and 2");
  if (!between(options.temperature, kMinTemperature, kMaxTemperature))
    return outside("temperature", "between 0.01 and 100");
  if (!between(options.top_p, 0, 1) || options.top_p == 0) return outside("top_p", "above 0 and up to 1");

  options_ = options;
  scorer_.set_length_penalty(options.length_penalty);
  const bool sampling = options.strategy == Strategy::sample;
  if (sampling) sampler_.begin(scorer_, options.temperature, options.top_k, options.top_p);
  // Twice as many as beams, since half of them may end; a single beam has no rivals to keep.
  max_offered_ = sampling || options.beams == 1 ? options.beams : 2 * options.beams;
  length_ = 0;
  rows_ = sampling ? options.beams : 1;
  for (std::size_t row = 0; row < rows_; ++row) {
    beams_[row] = {0, {}, Pcg32(options.seed, row)};
    parents_[row] = 0;
    ids_[row] = kPadding;
  }
  return {};
}

void Search::advance(std::span<const std::int8_t> logits, std::span<const IdSet> allowed) {
  offered_ = 0;
  for (std::size_t row = 0; row < rows_; ++row) {
    Beam& beam = beams_[row];
    const auto ids = allowed_ids(beam, allowed.empty() ? nullptr : &allowed[row]);
    if (ids.empty()) {
      close(row);
      continue;
    }
    const auto distribution = scorer_.distribution(logits.subspan(row * kVocabulary, kVocabulary), ids);
    const auto candidate = [&](std::uint16_t id) {
      return Candidate{beam.score + scorer_.log_probability(distribution, id),
                       static_cast<std::uint16_t>(row), id};
    };
    if (options_.strategy == Strategy::sample) {
      candidates_[offered_++] = candidate(sampler_.draw(distribution, beam.generator));
    } else {
      for (const std::uint16_t id : ids) offer(candidate(id));
    }
  }
  follow();
}

// Ascending; kPadding and kMask are never among them.
std::span<const std::uint16_t> Search::allowed_ids(const Beam& beam, const IdSet* allowed) const {
  std::size_t count = 0;
  const auto add = [&](std::uint16_t id) {
    if (allowed == nullptr || allowed->test(id)) allowed_[count++] = id;
  };
  if (beam.text.at_boundary()) add(kEos);
  for (std::uint16_t byte = 0; byte < 256; ++byte)
    if (beam.text.accepts(static_cast<std::uint8_t>(byte), options_.max_length - length_))
      add(static_cast<std::uint16_t>(byte + kFirstByte));
  return allowed_.first(count);
}

// Rows come in order and ids ascend, so among equals the lower row, then the lower id stays ahead.
void Search::offer(const Candidate& candidate) {
  const bool full = offered_ == max_offered_;
  if (full && candidate.score <= candidates_[offered_ - 1].score) return;
  if (!full) ++offered_;
  std::size_t at = offered_ - 1;
  for (; at > 0 && candidates_[at - 1].score < candidate.score; --at) candidates_[at] = candidates_[at - 1];
  candidates_[at] = candidate;
}

// Ends the texts that chose EOS, and goes on with the best of the others.
void Search::follow() {
  std::size_t rows = 0;
  for (const Candidate& candidate : candidates_.first(offered_)) {
    const Place from = {length_, candidate.row};
    if (candidate.id == kEos) {
      keep({scorer_.normalized(candidate.score, length_ + 1), from, true});
    } else if (rows < options_.beams) {
      const auto byte = static_cast<std::uint8_t>(candidate.id - kFirstByte);
      const Beam& parent = beams_[candidate.row];
      trellis_.go_on(from, {length_ + 1, rows}, byte);
      followed_[rows] = {candidate.score, parent.text.after(byte), parent.generator};
      parents_[rows] = candidate.row;
      ids_[rows] = candidate.id;
      ++rows;
    }
  }
  std::swap(beams_, followed_);
  rows_ = rows;
  ++length_;
  if (length_ == options_.max_length || settled()) stop();
}

void Search::stop() {
  for (std::size_t row = 0; row < rows_; ++row) close(row);
  rows_ = 0;
}

void Search::close(std::size_t row) {
  const Hypothesis cut = draft(row);
  const auto same = [&cut](const Hypothesis& other) { return other.place == cut.place; };
  const auto known = hypotheses();
  if (std::none_of(known.begin(), known.end(), same)) keep(cut);
}

// Among equals the earlier one stays ahead.
void Search::keep(const Hypothesis& hypothesis) {
  const auto better = [](const Hypothesis& a, const Hypothesis& b) {
    return a.complete != b.complete ? a.complete : a.score > b.score;
  };
  const auto known = hypotheses();
  const auto at = static_cast<std::size_t>(std::upper_bound(known.begin(), known.end(), hypothesis, better) -
                                           known.begin());
  if (at == options_.beams) return;
  if (found_ < options_.beams) ++found_;
  const auto kept = hypotheses_.first(found_);
  std::move_backward(kept.begin() + static_cast<std::ptrdiff_t>(at), kept.end() - 1, kept.end());
  kept[at] = hypothesis;
}

// Whether no text under way can still come in: none becomes likelier, and none longer than max_length.
bool Search::settled() const {
  if (options_.strategy == Strategy::sample || rows_ == 0 || found_ < options_.beams) return false;
  const Hypothesis& last = hypotheses_[found_ - 1];
  return last.complete && scorer_.normalized(beams_[0].score, options_.max_length) <= last.score;
}

}  // namespace byteflow
