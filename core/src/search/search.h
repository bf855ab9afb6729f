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
#include "byteflow/search_options.h"
#include "byteflow/status.h"
#include "memory/arena.h"
#include "search/pcg32.h"
#include "search/sampler.h"
#include "search/scorer.h"
#include "search/trellis.h"
#include "text/utf8_state.h"

namespace byteflow {

inline constexpr std::size_t kMaxTextLength = 16'384;

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

  // The text of a row as it stands, without the character that is not finished.
  [[nodiscard]] Hypothesis draft(std::size_t row) const {
    return {scorer_.normalized(beams_[row].score, length_),
            trellis_.back({length_, row}, beams_[row].text.begun()), false};
  }

  // Ends the search early: the texts under way become hypotheses.
  void stop();

  // Best first, complete ones before the others.
  [[nodiscard]] std::span<const Hypothesis> hypotheses() const { return hypotheses_.first(found_); }

  // The text at a place, written to the beginning of `room`.
  [[nodiscard]] std::span<std::uint8_t> read(Place place, std::span<std::uint8_t> room) const {
    trellis_.read(place, room);
    return room.first(place.length);
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
