#include "layers/gbst.h"

#include <algorithm>

#include "quant/requantize.h"

namespace byteflow {

// Blocks are left-aligned and cut at the end of the text; the original pads in front what TensorFlow's SAME
// does, and so averages positions before those that read the block.
Gbst::Block Gbst::block_at(std::size_t position, std::size_t width, std::size_t length) const {
  const std::size_t begin = position / width * width;
  const bool padded = tensors_->form == GbstForm::original;
  const std::size_t shift = padded ? (round_up(length, width) - length) / 2 : 0;
  return {begin - std::min(begin, shift), std::min(begin + width - shift, length)};
}

Gbst::Block Gbst::window_at(std::size_t position, std::size_t length) const {
  const std::size_t begin = position / rate_ * rate_;
  return {begin, std::min(begin + rate_, length)};
}

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
  const bool calibrated = front_end.gbst.form == GbstForm::calibrated;
  softmax_ = arena.take<std::int16_t>(calibrated ? max_length * widths_.size() : 0);
  alike_ = arena.take<std::int16_t>(calibrated ? max_length : 0);
  coefficients_ = arena.take<std::int16_t>(rate_ + 3 * (widest - 1));
}

void Gbst::prepare(const ByteFrontEndTensors& front_end) {
  tensors_ = &front_end.gbst;
  const Activation conv = front_end.embedding.out;
  zero_in_ = conv.zero_point;
  const bool by_scores = tensors_->form == GbstForm::original;
  multiplier_ = (by_scores ? (conv.scale * tensors_->score_code.scale) * 0x1p-6f : conv.scale * 0x1p-14f) /
                tensors_->out.scale;
  for (std::size_t b = 0; b < widths_.size(); ++b)
    score_multiplier_[b] = multiplier(conv.scale, tensors_->score.scales[b], tensors_->score_code.scale);
}

// Scores of all positions; those that read one block are equal.
void Gbst::score(std::size_t length) {
  const std::size_t count = widths_.size();
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t begin = 0; begin < length; begin += widths_[b]) {
      const Block block = block_at(begin, widths_[b], length);
      std::int32_t acc = block.size() * tensors_->score.bias[b];
      for (std::size_t p = block.begin; p < block.end; ++p) acc += dots_[p * count + b];
      const float scale = score_multiplier_[b] / static_cast<float>(block.size());
      const std::int8_t code = requantize(acc, scale, tensors_->score_code.zero_point);
      const std::size_t end = std::min(begin + widths_[b], length);
      for (std::size_t t = begin; t < end; ++t) scores_[t * count + b] = code;
    }
  }
}

std::int32_t Gbst::exponentials(std::size_t t, Exponentials& e) const {
  const std::int8_t* score = scores_.data() + t * widths_.size();
  const std::int32_t highest = *std::max_element(score, score + widths_.size());
  std::int32_t total = 0;
  for (std::size_t b = 0; b < widths_.size(); ++b) {
    e[b] = tensors_->exp[static_cast<std::size_t>(highest - score[b])];
    total += e[b];
  }
  return total;
}

// a(t, b): each block's share of the window's row, a position of the block.
void Gbst::share_softmax(std::size_t length) {
  const std::size_t count = widths_.size();
  Exponentials e;
  for (std::size_t t = 0; t < length; ++t) {
    const std::int32_t total = exponentials(t, e);
    const std::int32_t in_window = window_at(t, length).size();
    for (std::size_t b = 0; b < count; ++b) {
      const std::int32_t denominator = total * block_at(t, widths_[b], length).size() * in_window;
      const float scaled = static_cast<float>(e[b]) * (16384.0f / static_cast<float>(denominator));
      shares_[t * count + b] = static_cast<std::int16_t>(round_to_int32(scaled));
    }
  }
}

// Each position's softmax is replaced by a mean of all positions', those alike counting more.
void Gbst::share_calibrated(std::size_t length) {
  const std::size_t count = widths_.size();
  Exponentials e;
  for (std::size_t t = 0; t < length; ++t) {
    const std::int32_t total = exponentials(t, e);
    const float scale = 32767.0f / static_cast<float>(total);
    for (std::size_t b = 0; b < count; ++b) {
      softmax_[t * count + b] = static_cast<std::int16_t>(round_to_int32(static_cast<float>(e[b]) * scale));
    }
  }
  const auto product = [&](std::size_t t, std::size_t u) {
    std::int32_t acc = 0;
    for (std::size_t b = 0; b < count; ++b) acc += softmax_[t * count + b] * softmax_[u * count + b];
    return acc;
  };
  for (std::size_t t = 0; t < length; ++t) {
    std::int32_t highest = 0, total = 0, sum = 0;
    for (std::size_t u = 0; u < length; ++u) highest = std::max(highest, product(t, u));
    const auto numerator = [&](std::size_t u) {
      const std::int32_t below = (highest - product(t, u) + (1 << 21)) >> 22;  // in steps of 1/256
      return std::int32_t{tensors_->calibration[static_cast<std::size_t>(std::min(below, 255))]};
    };
    for (std::size_t u = 0; u < length; ++u) total += numerator(u);
    const float scale = 32767.0f / static_cast<float>(total);
    for (std::size_t u = 0; u < length; ++u) {
      alike_[u] = static_cast<std::int16_t>(round_to_int32(static_cast<float>(numerator(u)) * scale));
      sum += alike_[u];
    }
    const std::int32_t in_window = window_at(t, length).size();
    for (std::size_t b = 0; b < count; ++b) {
      std::int32_t acc = 0;
      for (std::size_t u = 0; u < length; ++u) acc += alike_[u] * softmax_[u * count + b];
      const std::int32_t parts = 32767 * block_at(t, widths_[b], length).size() * in_window;
      const float part = 16384.0f / (static_cast<float>(sum) * static_cast<float>(parts));
      shares_[t * count + b] = static_cast<std::int16_t>(round_to_int32(static_cast<float>(acc) * part));
    }
  }
}

// The original: the mean over the widths of the blocks, each times its score.
void Gbst::share_scores(std::size_t length) {
  const std::size_t count = widths_.size();
  for (std::size_t t = 0; t < length; ++t) {
    const std::int32_t in_window = window_at(t, length).size();
    for (std::size_t b = 0; b < count; ++b) {
      const std::int32_t score = scores_[t * count + b] - tensors_->score_code.zero_point;
      const std::int32_t parts =
          static_cast<std::int32_t>(count) * block_at(t, widths_[b], length).size() * in_window;
      const float part = 64.0f / static_cast<float>(parts);
      shares_[t * count + b] = static_cast<std::int16_t>(round_to_int32(static_cast<float>(score) * part));
    }
  }
}

std::size_t Gbst::run(const Kernels& kernels, const std::int8_t* x, std::size_t length, std::int8_t* out) {
  const std::size_t count = widths_.size();
  kernels.dot({x, channels_}, length, zero_in_, tensors_->score.weight.data(), channels_, count,
              dots_.data());
  score(length);
  if (tensors_->form == GbstForm::softmax) share_softmax(length);
  if (tensors_->form == GbstForm::calibrated) share_calibrated(length);
  if (tensors_->form == GbstForm::original) share_scores(length);

  // The original drops the tail, but a text shorter than a window is one.
  const bool drops_tail = tensors_->form == GbstForm::original && length > rate_;
  const std::size_t read = drops_tail ? length / rate_ * rate_ : length;
  std::size_t time = 0;
  for (std::size_t start = 0; start < read; start += rate_, ++time) {
    const Block window = window_at(start, length);
    std::size_t first = window.begin, last = window.end;  // positions that reach into this row
    for (const std::uint8_t width : widths_) {
      first = std::min(first, block_at(window.begin, width, length).begin);
      last = std::max(last, block_at(window.end - 1, width, length).end);
    }
    const auto coefficients = coefficients_.first(last - first);
    std::fill(coefficients.begin(), coefficients.end(), std::int16_t{0});
    for (std::size_t t = window.begin; t < window.end; ++t) {
      for (std::size_t b = 0; b < count; ++b) {
        const Block block = block_at(t, widths_[b], length);
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
