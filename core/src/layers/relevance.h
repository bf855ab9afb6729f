// What each row, and each word that rows stand for, has added to a logit (README section 10).
#pragma once

#include "byteflow/explanation.h"
#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class Relevance {
 public:
  void allocate(const Model& model, Arena& arena);

  // Where in the text the part of each row ends: to be filled before run.
  [[nodiscard]] std::span<std::uint32_t> ends() { return ends_; }  // [max_time]

  // y [time, channels] and shares [time] are what pooling saw. `words` has room for those of the text;
  // returns the ones there are, and in `rest` what belongs to none.
  std::span<WordWeight> run(const Model& model, std::size_t label, std::span<const std::uint8_t> text, Rows y,
                            std::span<const std::int32_t> shares, std::span<WordWeight> words, float& rest);

 private:
  void of_rows(const Model& model, std::size_t label, Rows y, std::span<const std::int32_t> shares);
  std::span<WordWeight> find_words(std::span<const std::uint8_t> text, std::size_t time,
                                   std::span<WordWeight> words);

  std::span<std::uint32_t> ends_;        // [time]
  std::span<std::uint32_t> word_bytes_;  // [time]: of the row's part, those that lie in words
  std::span<std::int64_t> relevance_;    // [time]
};

}  // namespace byteflow
