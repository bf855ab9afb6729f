// Beam search in floating point: what the integers of src/search are compared with, in what they find and in
// the time they take. Ids, rules of UTF-8, ends, ties and the length penalty are the same, and so are its
// verbs; a log-probability is a float, by exp and log of the standard library.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "byteflow/byte_splitter.h"
#include "byteflow/search_options.h"
#include "memory/arena.h"
#include "search/trellis.h"
#include "text/utf8_state.h"

namespace byteflow {

class FloatSearch {
 public:
  struct Hypothesis {
    float score = 0;
    Place place;
    bool complete = false;
  };

  FloatSearch(std::size_t max_beams, std::size_t max_length) {
    Arena counting;
    trellis_.allocate(max_beams, max_length, counting);
    memory_ = allocate_aligned(counting.used());
    Arena arena(memory_.get());
    trellis_.allocate(max_beams, max_length, arena);
  }

  void begin(const SearchOptions& options) {
    options_ = options;
    length_ = 0;
    beams_.assign(1, {});
    parents_.assign(1, 0);
    ids_.assign(1, kPadding);
    hypotheses_.clear();
  }

  [[nodiscard]] std::size_t rows() const { return beams_.size(); }
  [[nodiscard]] std::span<const std::uint16_t> parents() const { return parents_; }
  [[nodiscard]] std::span<const std::uint16_t> ids() const { return ids_; }

  // logits [rows, 259]
  void advance(std::span<const float> logits) {
    candidates_.clear();
    for (std::size_t row = 0; row < beams_.size(); ++row) {
      allow(beams_[row].text);
      if (allowed_.empty()) {
        close(row);
        continue;
      }
      const float* const x = &logits[row * kVocabulary];
      float highest = -std::numeric_limits<float>::infinity(), total = 0;
      for (const std::uint16_t id : allowed_) highest = std::max(highest, x[id]);
      for (const std::uint16_t id : allowed_) total += std::exp(x[id] - highest);
      const float log_total = std::log(total);
      for (const std::uint16_t id : allowed_)
        offer({beams_[row].score + (x[id] - highest - log_total), static_cast<std::uint16_t>(row), id});
    }
    follow();
  }

  // Best first, complete ones before the others.
  [[nodiscard]] std::span<const Hypothesis> hypotheses() const { return hypotheses_; }

  // The text at a place, written to the beginning of `room`.
  [[nodiscard]] std::span<std::uint8_t> read(Place place, std::span<std::uint8_t> room) const {
    trellis_.read(place, room);
    return room.first(place.length);
  }

 private:
  struct Beam {
    float score = 0;
    Utf8State text;
  };
  struct Candidate {
    float score;
    std::uint16_t row, id;
  };

  void allow(const Utf8State& text) {
    allowed_.clear();
    if (text.at_boundary()) allowed_.push_back(kEos);
    for (std::uint16_t byte = 0; byte < 256; ++byte)
      if (text.accepts(static_cast<std::uint8_t>(byte), options_.max_length - length_))
        allowed_.push_back(static_cast<std::uint16_t>(byte + kFirstByte));
  }

  void offer(const Candidate& candidate) {
    const bool full = candidates_.size() == (options_.beams == 1 ? 1 : 2 * options_.beams);
    if (full && candidate.score <= candidates_.back().score) return;
    if (!full) candidates_.push_back(candidate);
    std::size_t at = candidates_.size() - 1;
    for (; at > 0 && candidates_[at - 1].score < candidate.score; --at) candidates_[at] = candidates_[at - 1];
    candidates_[at] = candidate;
  }

  void follow() {
    followed_.clear();
    parents_.clear();
    ids_.clear();
    for (const Candidate& candidate : candidates_) {
      const Place from = {length_, candidate.row};
      if (candidate.id == kEos) {
        keep({normalized(candidate.score, length_ + 1), from, true});
      } else if (followed_.size() < options_.beams) {
        const auto byte = static_cast<std::uint8_t>(candidate.id - kFirstByte);
        trellis_.go_on(from, {length_ + 1, followed_.size()}, byte);
        followed_.push_back({candidate.score, beams_[candidate.row].text.after(byte)});
        parents_.push_back(candidate.row);
        ids_.push_back(candidate.id);
      }
    }
    std::swap(beams_, followed_);
    ++length_;
    if (length_ < options_.max_length && !settled()) return;
    for (std::size_t row = 0; row < beams_.size(); ++row) close(row);
    beams_.clear();
  }

  void close(std::size_t row) {
    const Place whole = trellis_.back({length_, row}, beams_[row].text.begun());
    const auto same = [whole](const Hypothesis& other) { return other.place == whole; };
    if (std::none_of(hypotheses_.begin(), hypotheses_.end(), same))
      keep({normalized(beams_[row].score, length_), whole, false});
  }

  void keep(const Hypothesis& hypothesis) {
    const auto better = [](const Hypothesis& a, const Hypothesis& b) {
      return a.complete != b.complete ? a.complete : a.score > b.score;
    };
    hypotheses_.insert(std::upper_bound(hypotheses_.begin(), hypotheses_.end(), hypothesis, better),
                       hypothesis);
    if (hypotheses_.size() > options_.beams) hypotheses_.pop_back();
  }

  [[nodiscard]] float normalized(float score, std::size_t length) const {
    const auto ids = static_cast<float>(std::max<std::size_t>(length, 1));
    return score / std::pow((5.0f + ids) / 6.0f, options_.length_penalty);
  }

  [[nodiscard]] bool settled() const {
    if (beams_.empty() || hypotheses_.size() < options_.beams || !hypotheses_.back().complete) return false;
    return normalized(beams_[0].score, options_.max_length) <= hypotheses_.back().score;
  }

  AlignedMemory memory_;
  Trellis trellis_;
  SearchOptions options_;
  std::size_t length_ = 0;
  std::vector<Beam> beams_, followed_;
  std::vector<std::uint16_t> parents_, ids_, allowed_;
  std::vector<Candidate> candidates_;  // best first
  std::vector<Hypothesis> hypotheses_;
};

}  // namespace byteflow
