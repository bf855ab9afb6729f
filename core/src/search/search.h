// Looks for the likeliest texts, byte by byte: beam search (one beam is greedy search) and sampling. It knows
// nothing of the network; whoever has one turns the handle:
//
//   for (search.begin(options); search.rows() > 0; search.advance(logits, {}))
//     decoder.step(search.parents(), search.ids(), logits);
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>

#include "byteflow/byte_splitter.h"
#include "byteflow/status.h"
#include "memory/arena.h"
#include "search/pcg32.h"
#include "search/sampler.h"
#include "search/scorer.h"
#include "search/trellis.h"
#include "text/utf8_state.h"

namespace byteflow {

inline constexpr std::size_t kMaxBeams = 32;
inline constexpr std::size_t kMaxTextLength = 16'384;
inline constexpr float kMaxLengthPenalty = 2.0f;
inline constexpr float kMinTemperature = 0.01f, kMaxTemperature = 100.0f;

enum class Strategy : std::uint8_t { beam, sample };

struct SearchOptions {
  Strategy strategy = Strategy::beam;
  std::size_t beams = 4;         // texts that are followed side by side and given back
  std::size_t max_length = 256;  // ids of a text, EOS among them
  float length_penalty = 0.6f;   // alpha: a score is divided by ((5 + length) / 6)^alpha

  // Of Strategy::sample. Sample i is the same however many there are.
  float temperature = 1.0f;
  std::size_t top_k = 0;  // 0: all ids
  float top_p = 1.0f;
  std::uint64_t seed = 0;
};

// A text that was found. Complete ones end with EOS (not part of the text); the others were cut at max_length
// or by a mask, at the end of a character.
struct Hypothesis {
  Score score = 0;  // log-probability over length penalty
  Place place;      // place.length: bytes of the text
  bool complete = false;
};

using IdSet = std::bitset<kVocabulary>;

class Search {
 public:
  void allocate(std::size_t max_beams, std::size_t max_length, Arena& arena);
  Status prepare(const SearchTables& tables) { return scorer_.prepare(tables); }

  // Starts over; nothing of an earlier search is left.
  Status begin(const SearchOptions& options);

  // What the next step is to compute; no rows: the search is over. The first step feeds kPadding.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::span<const std::uint16_t> parents() const { return parents_.first(rows_); }
  [[nodiscard]] std::span<const std::uint16_t> ids() const { return ids_.first(rows_); }

  // logits [rows, 259]; allowed [rows], or empty where UTF-8 alone limits the ids.
  void advance(std::span<const std::int8_t> logits, std::span<const IdSet> allowed);

  // Ends the search early: the texts under way become hypotheses.
  void stop();

  // Best first, complete ones before the others.
  [[nodiscard]] std::span<const Hypothesis> hypotheses() const { return hypotheses_.first(found_); }

  // text [hypothesis.place.length]
  void read(const Hypothesis& hypothesis, std::span<std::uint8_t> text) const {
    trellis_.read(hypothesis.place, text);
  }

 private:
  struct Beam {
    Score score;
    Utf8State text;
    Pcg32 generator;
  };
  struct Candidate {
    Score score;
    std::uint16_t row, id;
  };

  [[nodiscard]] std::span<const std::uint16_t> allowed_ids(const Beam& beam, const IdSet* allowed) const;
  void offer(const Candidate& candidate);
  void follow();
  void close(std::size_t row);
  void keep(const Hypothesis& hypothesis);
  [[nodiscard]] bool settled() const;

  std::size_t max_beams_ = 0, max_length_ = 0;
  Scorer scorer_;
  Sampler sampler_;
  SearchOptions options_;
  Trellis trellis_;

  std::size_t length_ = 0, rows_ = 0;                 // bytes of every text under way, and their number
  std::span<Beam> beams_, followed_;                  // [max_beams]
  std::span<std::uint16_t> parents_, ids_, allowed_;  // [max_beams], [max_beams], [259]
  std::size_t offered_ = 0, max_offered_ = 0;
  std::span<Candidate> candidates_;  // [2 * max_beams]: best first
  std::size_t found_ = 0;
  std::span<Hypothesis> hypotheses_;  // [max_beams]
};

}  // namespace byteflow
