// What layers mean, in double precision and as their formulas read (core/src/quant/README.md), on intervals.
#pragma once

#include <vector>

#include "interval.h"

namespace byteflow {

using Row = std::vector<Interval>;
using Matrix = std::vector<Row>;  // [rows][channels]

inline Matrix reals(std::span<const std::int8_t> codes, std::size_t channels, Activation activation) {
  Matrix out(codes.size() / channels, Row(channels));
  for (std::size_t i = 0; i < codes.size(); ++i) out[i / channels][i % channels] = real(activation, codes[i]);
  return out;
}

inline void round_all(Row& row, Activation activation) {
  for (Interval& x : row) x = rounded(x, activation, size_of(x));
}

// Outputs [first, first + count) of a dense layer; `size` collects what single precision errs by.
inline Interval product(const Dense& dense, std::size_t output, const Row& x, double input_scale,
                        double& size) {
  const double scale = dense.scales[output];
  Interval sum = dense.bias.empty() ? 0.0 : dense.bias[output] * (input_scale * scale);
  size = size_of(sum);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const Interval term = x[k] * Interval(scale * dense.weight[output * x.size() + k]);
    sum += term;
    size += size_of(term);
  }
  return sum;
}

inline Row dense(const Dense& layer, const Row& x, double input_scale, Activation out) {
  Row y(layer.scales.size());
  for (std::size_t n = 0; n < y.size(); ++n) {
    double size = 0;
    const Interval sum = product(layer, n, x, input_scale, size);
    y[n] = rounded(sum, out, size);
  }
  return y;
}

// dense(x) + residual, rounded once.
inline Row dense(const Dense& layer, const Row& x, double input_scale, const Row& residual, Activation out) {
  Row y(layer.scales.size());
  for (std::size_t n = 0; n < y.size(); ++n) {
    double size = 0;
    const Interval sum = product(layer, n, x, input_scale, size) + residual[n];
    y[n] = rounded(sum, out, size + size_of(residual[n]));
  }
  return y;
}

inline Row layer_norm(const Row& x, double epsilon, Activation out) {
  const auto n = static_cast<double>(x.size());
  Interval mean;
  for (const Interval value : x) mean += value;
  mean = mean * (1 / n);
  Row centred(x.size());
  Interval variance = epsilon;
  for (std::size_t c = 0; c < x.size(); ++c) {
    // x[c] is part of the mean as well.
    const Interval others = mean - Interval(x[c].high, x[c].low) * (1 / n);
    centred[c] = x[c] * ((n - 1) / n) - others;
    const double low = centred[c].low > 0 ? centred[c].low : centred[c].high < 0 ? centred[c].high : 0;
    variance += Interval(low * low, size_of(centred[c]) * size_of(centred[c])) * (1 / n);
  }
  const Interval deviation = {std::max(std::sqrt(variance.low), 1e-30), std::sqrt(variance.high)};
  Row y(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) {
    // No element is further out than sqrt(n) deviations.
    const Interval ratio = centred[c] / deviation;
    const Interval bounded = {std::clamp(ratio.low, -std::sqrt(n), std::sqrt(n)),
                              std::clamp(ratio.high, -std::sqrt(n), std::sqrt(n))};
    y[c] = rounded(bounded, out, 2 * std::sqrt(n));
  }
  return y;
}

// Softmax whose numerators come from a table of 2^15 steps.
inline Row softmax(const Row& scores) {
  double most = scores[0].high;
  for (const Interval score : scores) most = std::max(most, score.high);
  Row shares(scores.size());
  double sum_low = 0, sum_high = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    shares[i] = rising(scores[i] - Interval(most), [](double x) { return std::exp(x); });
    sum_low += shares[i].low;
    sum_high += shares[i].high;
  }
  // The largest numerator is 1 at least in its own terms, exp(most score - most) in these: a table's entry is
  // off by half of 2^-15 of that.
  const double step = 0x1p-15;
  for (Interval& share : shares) {
    const double low = share.low / std::max(share.low + sum_high - share.high, 1e-300);
    const double high = share.high / std::max(share.high + sum_low - share.low, 1e-300);
    share = {std::max(0.0, low - step * (1 + static_cast<double>(scores.size()) * low)),
             std::min(1.0, high + step * (1 + static_cast<double>(scores.size()) * high))};
  }
  return shares;
}

// Sum of shares that add up to one, times values: between the lowest and the highest of them, whatever the
// shares.
inline Interval weighted_mean(const Row& shares, const Row& values) {
  Interval sum, bounds = values[0];
  for (std::size_t i = 0; i < shares.size(); ++i) {
    sum += shares[i] * values[i];
    bounds = {std::min(bounds.low, values[i].low), std::max(bounds.high, values[i].high)};
  }
  return {std::max(sum.low, bounds.low), std::min(sum.high, bounds.high)};
}

// Contexts of all heads, rounded.
inline Matrix attention(const AttentionTensors& tensors, std::size_t heads, const Matrix& query,
                        const Matrix& key, const Matrix& value) {
  const std::size_t channels = query[0].size(), width = channels / heads, time = key.size();
  Matrix context(query.size(), Row(channels));
  for (std::size_t t = 0; t < query.size(); ++t) {
    for (std::size_t head = 0; head < channels; head += width) {
      Row scores(time);
      for (std::size_t u = 0; u < time; ++u) {
        Interval sum;
        double size = 0;
        for (std::size_t c = head; c < head + width; ++c) {
          const Interval term = query[t][c] * key[u][c];
          sum += term;
          size += size_of(term);
        }
        const double root = std::sqrt(static_cast<double>(width));
        scores[u] = rounded(sum * (1 / root), tensors.score_code, size / root);
      }
      Row shares = softmax(scores);
      // Shares are rounded to 2^-15, then divided by their sum.
      const double step = 0x1p-15 * (2 + static_cast<double>(time) * 0x1p-15);
      for (Interval& share : shares)
        share = {std::max(0.0, share.low - step - static_cast<double>(time) * step * share.low),
                 share.high + step + static_cast<double>(time) * step * share.high};
      for (std::size_t c = head; c < head + width; ++c) {
        Row values(time);
        for (std::size_t u = 0; u < time; ++u) values[u] = value[u][c];
        const Interval mean = weighted_mean(shares, values);
        context[t][c] =
            rounded(mean, tensors.context, size_of(mean) + 128 * double{tensors.value_code.scale});
      }
    }
  }
  return context;
}

// relu, which code tables of the tests stand for, and its rounding.
inline Interval relu(Interval x, Activation out) {
  const Interval y = rising(x, [](double value) { return std::max(value, 0.0); });
  return rounded(y, out, size_of(y));
}

}  // namespace byteflow
