#include "layers/gbst.h"

#include <algorithm>

#include "quant/requantize.h"

namespace byteflow {

namespace {

// Positions [begin, end) of the block of `width` that holds t, cut at the end of the text.
struct Block {
  Block(std::size_t t, std::size_t width, std::size_t length)
      : begin(t / width * width), end(std::min(begin + width, length)) {}
  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(end - begin); }
  std::size_t begin, end;
};

}  // namespace

void Gbst::allocate(std::size_t channels, const ByteFrontEndTensors& front_end, std::size_t max_length,
                    Arena& arena) {
  widths_ = front_end.block_widths;
  channels_ = channels;
  rate_ = front_end.downsample;
  const std::size_t widest = *std::max_element(widths_.begin(), widths_.end());
  score_multiplier_ = arena.take<float>(widths_.size());
  dots_ = arena.take<std::int32_t>(max_length * widths_.size());
  scores_ = arena.take<std::int8_t>(max_length * widths_.size());
  shares_ = arena.take<std::int16_t>(max_length * widths_.size());
  coefficients_ = arena.take<std::int16_t>(rate_ + 2 * (widest - 1));
}

void Gbst::prepare(const ByteFrontEndTensors& front_end) {
  tensors_ = &front_end.gbst;
  const Activation conv = front_end.embedding.out;
  zero_in_ = conv.zero_point;
  multiplier_ = (conv.scale * 0x1p-14f) / tensors_->out.scale;
  for (std::size_t b = 0; b < widths_.size(); ++b)
    score_multiplier_[b] = multiplier(conv.scale, tensors_->score.scales[b], tensors_->score_code.scale);
}

// Scores of all positions; those of one block are equal.
void Gbst::score(std::size_t length) {
  const std::size_t count = widths_.size();
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t begin = 0; begin < length; begin += widths_[b]) {
      const Block block(begin, widths_[b], length);
      std::int32_t acc = block.size() * tensors_->score.bias[b];
      for (std::size_t p = block.begin; p < block.end; ++p) acc += dots_[p * count + b];
      const float scale = score_multiplier_[b] / static_cast<float>(block.size());
      const std::int8_t code = requantize(acc, scale, tensors_->score_code.zero_point);
      for (std::size_t p = block.begin; p < block.end; ++p) scores_[p * count + b] = code;
    }
  }
}

// a(t, b): each block's share of the window's row, a position of the block.
void Gbst::share(std::size_t t, std::size_t length) {
  const std::size_t count = widths_.size();
  const std::int8_t* score = scores_.data() + t * count;
  const std::int32_t highest = *std::max_element(score, score + count);
  std::int32_t total = 0;
  for (std::size_t b = 0; b < count; ++b)
    total += tensors_->exp[static_cast<std::size_t>(highest - score[b])];
  const std::int32_t in_window = Block(t, rate_, length).size();
  for (std::size_t b = 0; b < count; ++b) {
    const std::int32_t numerator = tensors_->exp[static_cast<std::size_t>(highest - score[b])];
    const std::int32_t denominator = total * Block(t, widths_[b], length).size() * in_window;
    const float scaled = static_cast<float>(numerator) * (16384.0f / static_cast<float>(denominator));
    shares_[t * count + b] = static_cast<std::int16_t>(round_to_int32(scaled));
  }
}

std::size_t Gbst::run(const Kernels& kernels, const std::int8_t* x, std::size_t length, std::int8_t* out) {
  const std::size_t count = widths_.size();
  kernels.dot({x, channels_}, length, zero_in_, tensors_->score.weight.data(), channels_, count,
              dots_.data());
  score(length);
  for (std::size_t t = 0; t < length; ++t) share(t, length);

  std::size_t time = 0;
  for (std::size_t start = 0; start < length; start += rate_, ++time) {
    const Block window(start, rate_, length);
    std::size_t first = window.begin, last = window.end;  // positions that reach into this row
    for (const std::uint8_t width : widths_) {
      first = std::min(first, Block(window.begin, width, length).begin);
      last = std::max(last, Block(window.end - 1, width, length).end);
    }
    const auto coefficients = coefficients_.first(last - first);
    std::fill(coefficients.begin(), coefficients.end(), std::int16_t{0});
    for (std::size_t t = window.begin; t < window.end; ++t) {
      for (std::size_t b = 0; b < count; ++b) {
        const Block block(t, widths_[b], length);
        for (std::size_t p = block.begin; p < block.end; ++p)
          coefficients[p - first] =
              static_cast<std::int16_t>(coefficients[p - first] + shares_[t * count + b]);
      }
    }
    kernels.mix({x + first * channels_, channels_}, coefficients, zero_in_, multiplier_,
                tensors_->out.zero_point, channels_, out + time * channels_);
  }
  return time;
}

}  // namespace byteflow
