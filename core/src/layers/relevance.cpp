#include "layers/relevance.h"

#include <algorithm>

#include "layers/head.h"
#include "text/segments.h"

namespace byteflow {

namespace {

// Calls act(t, bytes) for each row whose part shares bytes with [begin, end); `row` is the first that may,
// and moves on to the first that does.
template <typename Act>
void for_each_overlap(std::span<const std::uint32_t> ends, std::size_t begin, std::size_t end,
                      std::size_t& row, Act act) {
  while (ends[row] <= begin) ++row;
  for (std::size_t t = row; begin < end; ++t) {
    const std::size_t stop = std::min<std::size_t>(ends[t], end);
    if (stop > begin) act(t, static_cast<std::uint32_t>(stop - begin));
    begin = stop;
  }
}

}  // namespace

void Relevance::allocate(const Model& model, Arena& arena) {
  ends_ = arena.take<std::uint32_t>(model.max_time);
  word_bytes_ = arena.take<std::uint32_t>(model.max_time);
  relevance_ = arena.take<std::int64_t>(model.max_time);
}

std::span<WordWeight> Relevance::run(const Model& model, std::size_t label,
                                     std::span<const std::uint8_t> text, Rows y,
                                     std::span<const std::int32_t> shares, std::span<WordWeight> words,
                                     float& rest) {
  const std::size_t time = shares.size();
  of_rows(model, label, y, shares);
  words = find_words(text, time, words);
  const float unit = head_multiplier(model, label) * 0x1p-15f;
  std::size_t row = 0;
  for (WordWeight& word : words) {
    std::int64_t sum = 0;
    for_each_overlap(ends_.first(time), word.begin, word.end, row, [&](std::size_t t, std::uint32_t bytes) {
      sum += relevance_[t] * bytes / word_bytes_[t];  // < 2^48 * 2^14
    });
    word.weight = static_cast<float>(sum) * unit;
  }
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < time; ++t)
    if (word_bytes_[t] == 0) sum += relevance_[t];
  rest = static_cast<float>(sum) * unit + model.head.bias[label];
  return words;
}

void Relevance::of_rows(const Model& model, std::size_t label, Rows y, std::span<const std::int32_t> shares) {
  const std::size_t channels = model.channels;
  const std::int32_t zero_point = model.pooling.norm.zero_point;
  const std::int8_t* mean = model.head.weight.data() + label * 2 * channels;
  const std::int8_t* maximum = mean + channels;
  for (std::size_t t = 0; t < shares.size(); ++t) {
    std::int32_t sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += mean[c] * (y.data[t * y.stride + c] - zero_point);
    relevance_[t] = std::int64_t{shares[t]} * sum;  // at most 2^22 * 2^25
  }
  for (std::size_t c = 0; c < channels; ++c) {
    std::size_t best = 0;
    for (std::size_t t = 1; t < shares.size(); ++t)
      if (y.data[t * y.stride + c] > y.data[best * y.stride + c]) best = t;
    relevance_[best] += std::int64_t{maximum[c]} * (y.data[best * y.stride + c] - zero_point) * (1 << 22);
  }
}

std::span<WordWeight> Relevance::find_words(std::span<const std::uint8_t> text, std::size_t time,
                                            std::span<WordWeight> words) {
  std::fill_n(word_bytes_.begin(), time, 0);
  std::size_t count = 0, row = 0;
  Segments segments(text);
  for (auto segment = segments.next(); segment; segment = segments.next()) {
    words[count++] = {static_cast<std::uint32_t>(segment->begin), static_cast<std::uint32_t>(segment->end)};
    for_each_overlap(ends_.first(time), segment->begin, segment->end, row,
                     [&](std::size_t t, std::uint32_t bytes) { word_bytes_[t] += bytes; });
  }
  return words.first(count);
}

}  // namespace byteflow
