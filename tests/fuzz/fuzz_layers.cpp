// Every layer against its formula in double precision (reference_layers.h): random shapes and weights, on any
// set of kernels.

#include <cmath>

#include "all_kernels.h"
#include "byteflow/byte_splitter.h"
#include "layers/embedding.h"
#include "layers/gbst.h"
#include "layers/head.h"
#include "layers/id_window.h"
#include "layers/matt.h"
#include "layers/pooling.h"
#include "layers/positions.h"
#include "layers/projection.h"
#include "layers/qrnn.h"
#include "layers/relevance.h"
#include "layers/transformer.h"
#include "random_layers.h"
#include "reference_layers.h"
#include "text/segments.h"
#include "text/words.h"

using namespace byteflow;

namespace {

// Counts, allocates, fills with what no layer may rely on, and hands out.
template <typename Allocate>
AlignedMemory place(Allocate allocate) {
  Arena counting;
  allocate(counting);
  AlignedMemory memory = allocate_aligned(counting.used());
  std::fill_n(memory.get(), counting.used(), std::byte{0xA5});
  Arena arena(memory.get());
  allocate(arena);
  return memory;
}

void require_rows(const Matrix& expected, const std::int8_t* codes, Activation activation, const char* what) {
  for (std::size_t t = 0; t < expected.size(); ++t)
    for (std::size_t c = 0; c < expected[t].size(); ++c)
      require(allows(expected[t][c], activation, codes[t * expected[t].size() + c]), what);
}

// Likewise for what a layer leaves in its scratch, and the numbers that the codes stand for: what comes after
// is computed from them, so that its bound is as wide as its own rounding and no wider. Through a whole block
// the bounds of all roundings together would hide most mistakes.
Matrix settle(const Matrix& expected, const std::int8_t* codes, Activation activation, const char* what) {
  require_rows(expected, codes, activation, what);
  const std::size_t channels = expected[0].size();
  return reals({codes, expected.size() * channels}, channels, activation);
}

class Layers {
 public:
  explicit Layers(Operands& operands)
      : operands_(operands), make_(operands), kernels_(pick_kernels(operands)) {
    model_.norm_epsilon = 1e-5f;
    model_.channels = operands.choose<std::size_t>(1, 24);
    model_.max_time = operands.choose<std::size_t>(1, 20);
    model_.rows = make_.activation(2);
  }

  void embedding() {
    ByteFrontEndTensors front;
    front.embedding_channels = operands_.choose<std::size_t>(1, 20);
    front.conv_width = 2 * operands_.choose<std::size_t>(0, 3) + 1;
    EmbeddingTensors& tensors = front.embedding;
    const Activation embedded = {1.0f / 128, 0};
    tensors.weight = make_.codes(kVocabulary * front.embedding_channels, -127);
    tensors.scale = embedded.scale;
    tensors.conv = make_.dense(model_.channels, front.conv_width * front.embedding_channels, embedded);
    tensors.pre = make_.activation(3);
    tensors.out = make_.activation(3);
    tensors.activation =
        make_.code_table(tensors.pre, tensors.out, [](double x) { return std::max(x, 0.0); });

    EmbeddingConvolution layer;
    const auto memory = place([&](Arena& arena) { layer.allocate(model_.channels, front, arena); });
    layer.prepare(front);
    for (int call = 0; call < 2; ++call) {  // the second finds rows that the first has made
      std::vector<std::uint16_t> ids(operands_.choose<std::size_t>(1, 20));
      for (std::uint16_t& id : ids) id = operands_.choose<std::uint16_t>(0, kVocabulary - 1);
      std::vector<std::int8_t> out(ids.size() * model_.channels + kSlack);
      layer.run(kernels_, ids, out.data());

      Matrix expected;
      for (std::size_t t = 0; t < ids.size(); ++t) {
        Row taps;
        for (std::size_t k = 0; k < front.conv_width; ++k) {
          const std::size_t position = t + k - front.conv_width / 2;
          for (std::size_t e = 0; e < front.embedding_channels; ++e)
            taps.emplace_back(
                position < ids.size()
                    ? real(embedded, tensors.weight[ids[position] * front.embedding_channels + e])
                    : 0);
        }
        expected.push_back(dense(tensors.conv, taps, embedded.scale, tensors.pre));
        for (Interval& value : expected.back()) value = relu(value, tensors.out);
      }
      require_rows(expected, out.data(), tensors.out, "the embedding's convolution");
    }
  }

  void gbst() {
    ByteFrontEndTensors front;
    std::vector<std::uint8_t> widths(operands_.choose<std::size_t>(1, 4));
    for (std::uint8_t& width : widths) width = operands_.choose<std::uint8_t>(1, 6);
    front.block_widths = widths;
    front.downsample = operands_.choose<std::size_t>(1, 6);
    front.embedding.out = make_.activation(2);
    const Activation in = front.embedding.out;
    GbstTensors& tensors = front.gbst;
    tensors.form = static_cast<GbstForm>(operands_.choose(0, 2));
    tensors.score = make_.dense(widths.size(), model_.channels, in);
    tensors.score_code = make_.activation(3);
    tensors.exp = make_.exp_table(tensors.score_code.scale);
    tensors.calibration = make_.exp_table(1.0 / 256);
    tensors.out = make_.activation(2);

    const std::size_t length = model_.max_time;
    Gbst layer;
    const auto memory = place([&](Arena& arena) { layer.allocate(model_.channels, front, length, arena); });
    layer.prepare(front);
    const auto x = operands_.values<std::int8_t>(length * model_.channels, -128, 127);
    std::vector<std::int8_t> out(length * model_.channels + kSlack);
    const std::size_t time = layer.run(kernels_, x.data(), length, out.data());
    const bool original = tensors.form == GbstForm::original;
    const std::size_t rate = front.downsample;
    require(time == (original ? std::max<std::size_t>(length / rate, 1) : (length + rate - 1) / rate),
            "the rows that GBST leaves");

    const Matrix c = reals(std::span(x).first(length * model_.channels), model_.channels, in);
    const std::size_t count = widths.size();
    const auto block = [&](std::size_t t, std::size_t width) {
      const std::size_t padded = (length + width - 1) / width * width;
      const auto shift = original ? static_cast<std::ptrdiff_t>((padded - length) / 2) : 0;
      const auto begin = static_cast<std::ptrdiff_t>(t / width * width) - shift;
      std::vector<std::size_t> positions;
      for (std::ptrdiff_t p = begin; p < begin + static_cast<std::ptrdiff_t>(width); ++p)
        if (p >= 0 && p < static_cast<std::ptrdiff_t>(length))
          positions.push_back(static_cast<std::size_t>(p));
      return positions;
    };
    Matrix scores(length, Row(count)), shares(length);
    for (std::size_t t = 0; t < length; ++t) {
      for (std::size_t b = 0; b < count; ++b) {
        const auto positions = block(t, widths[b]);
        Interval sum;
        double sizes = 0;
        for (const std::size_t p : positions) {
          double size = 0;
          sum += product(tensors.score, b, c[p], in.scale, size);
          sizes += size;
        }
        const double parts = 1.0 / static_cast<double>(positions.size());
        scores[t][b] = rounded(sum * parts, tensors.score_code, sizes * parts);
      }
      shares[t] = original ? scores[t] : softmax(scores[t]);
    }
    if (tensors.form == GbstForm::calibrated) calibrate(shares);
    for (std::size_t j = 0; j < time; ++j) {
      const std::size_t begin = j * rate, end = std::min(begin + rate, length);
      const auto in_window = static_cast<double>(end - begin);
      for (std::size_t channel = 0; channel < model_.channels; ++channel) {
        Interval sum;
        double size = 0;
        for (std::size_t t = begin; t < end; ++t) {
          for (std::size_t b = 0; b < count; ++b) {
            const auto positions = block(t, widths[b]);
            const double parts = 1 / (in_window * static_cast<double>(positions.size()) *
                                      (original ? static_cast<double>(count) : 1));
            // Shares of a position are rounded to 2^-14, scores to 2^-6 of a code.
            const double error = original ? 0x1p-7 * double{tensors.score_code.scale} : 0x1p-15;
            const Interval share = shares[t][b] * parts + Interval(-error, error) * 1.001;
            for (const std::size_t p : positions) {
              sum += share * c[p][channel];
              size += size_of(share) * size_of(c[p][channel]);
            }
          }
        }
        require(allows(rounded(sum, tensors.out, size), tensors.out, out[j * model_.channels + channel]),
                "GBST");
      }
    }
  }

  void projection() {
    WordFrontEndTensors front;
    front.features = operands_.choose<std::size_t>(1, 150);
    const Activation ternary = {1, 0};
    front.projection = make_.dense(model_.channels, front.features, ternary);
    front.pre = make_.activation(2);
    front.out = make_.activation(2);
    front.activation = make_.code_table(front.pre, front.out, [](double x) { return std::max(x, 0.0); });
    std::vector<std::uint8_t> text(operands_.choose<std::size_t>(0, 60));
    for (std::uint8_t& byte : text) byte = operands_.flip() ? ' ' : operands_.choose<std::uint8_t>(0, 255);
    model_.max_bytes = text.size() + operands_.choose<std::size_t>(0, 5);
    model_.max_time = max_words(model_.max_bytes);

    WordProjection layer;
    const auto memory = place([&](Arena& arena) { layer.allocate(kernels_, model_, front, arena); });
    layer.prepare(kernels_, front);
    std::vector<std::int8_t> out(model_.max_time * model_.channels + kSlack);
    const std::size_t time = layer.run(kernels_, text, out.data());

    Matrix expected;
    std::vector<std::uint8_t> scratch(text.size());
    std::vector<std::int8_t> features(front.features);
    Words words(text, scratch);
    for (auto word = words.next(); word; word = words.next()) {
      ternary_features(*word, features);
      expected.push_back(dense(front.projection, Row(features.begin(), features.end()), 1, front.pre));
      for (Interval& value : expected.back()) value = relu(value, front.out);
    }
    require(time == expected.size(), "a row a word");
    require_rows(expected, out.data(), front.out, "the projection");
  }

  void qrnn() {
    QrnnTensors encoder;
    encoder.blocks = 1;
    encoder.state = operands_.choose<std::size_t>(1, 12);
    encoder.window = operands_.choose<std::size_t>(1, 4);
    encoder.gate_sets = operands_.choose<std::size_t>(1, 2);
    QrnnBlockTensors& block = encoder.block[0];
    block.norm = make_.activation(3);
    block.gates =
        make_.dense(encoder.gate_sets * 3 * encoder.state, encoder.window * model_.channels, block.norm);
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    const auto tanh = [](double x) { return std::tanh(x); };
    for (std::size_t gate = 0; gate < 3; ++gate) {
      block.gate_codes[gate] = make_.activation(3, true);
      block.tables[gate] = gate == 0 ? make_.table(block.gate_codes[0], 16'383, tanh)
                                     : make_.table(block.gate_codes[gate], 32'767, sigmoid);
    }
    const Activation state = {0x1p-7f, 0};
    block.projection = make_.dense(model_.channels, 2 * encoder.state, state);
    block.residual = make_.activation(3);

    QrnnScratch scratch;
    QrnnBlock layer;
    const auto memory = place([&](Arena& arena) {
      scratch.allocate(kernels_, model_, encoder, arena);
      layer.allocate(kernels_, model_, encoder, arena);
    });
    layer.prepare(kernels_, model_, encoder, 0);
    const std::size_t time = operands_.choose<std::size_t>(1, model_.max_time);
    auto x = operands_.values<std::int8_t>(time * model_.channels, -128, 127);
    const Matrix before = reals(std::span(x).first(time * model_.channels), model_.channels, model_.rows);
    layer.run(kernels_, x.data(), time, scratch);

    Matrix normed, hidden(time, Row(2 * encoder.state));
    for (const Row& row : before) normed.push_back(layer_norm(row, double{model_.norm_epsilon}, block.norm));
    const std::size_t past = (encoder.window - 1) * model_.channels;
    normed = settle(normed, scratch.normed.data() + past, block.norm, "the LayerNorm of a QRNN block");
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const std::size_t first_gate = encoder.gate_sets == 2 ? direction * 3 : 0;
      Row carry(encoder.state);
      for (std::size_t step = 0; step < time; ++step) {
        const std::size_t t = direction == 0 ? step : time - 1 - step;
        Row window;
        for (std::size_t k = 0; k < encoder.window; ++k) {
          const std::size_t row = direction == 0 ? t + k + 1 - encoder.window : t + k;
          for (std::size_t c = 0; c < model_.channels; ++c)
            window.push_back(row < time ? normed[row][c] : Interval(0));
        }
        for (std::size_t s = 0; s < encoder.state; ++s) {
          Interval gate[3];
          for (std::size_t g = 0; g < 3; ++g) {
            double size = 0;
            const Interval sum =
                product(block.gates, (first_gate + g) * encoder.state + s, window, block.norm.scale, size);
            const Interval code = rounded(sum, block.gate_codes[g], size);
            gate[g] = g == 0 ? rising(code, tanh) : rising(code, sigmoid);
          }
          carry[s] = fo_step(gate[0], gate[1], carry[s]);
          const Interval h = gate[2] * carry[s] + Interval(-1e-3, 1e-3);
          hidden[t][direction * encoder.state + s] = rounded(h, state, 1);
        }
      }
    }
    hidden = settle(hidden, scratch.hidden.data(), state, "the states of a QRNN block");
    Matrix expected;
    for (std::size_t t = 0; t < time; ++t)
      expected.push_back(dense(block.projection, hidden[t], state.scale, before[t], block.residual));
    require_rows(expected, x.data(), block.residual, "a QRNN block");
  }

  void transformer() {
    const std::size_t heads = choose_heads();
    TransformerTensors encoder;
    encoder.blocks = 1;
    encoder.heads = heads;
    encoder.feed_forward = operands_.choose<std::size_t>(1, 30);
    encoder.positioned = model_.rows;
    encoder.position = make_.codes(model_.max_time * model_.channels, -127);
    encoder.position_scale = 1.0f / 128;
    TransformerBlockTensors& block = encoder.block[0];
    block.pool = operands_.choose<std::size_t>(1, 3);
    block.pooled = make_.activation(2);
    block.norm = make_.activation(3);
    block.attention = attention_tensors(block.norm, block.norm);
    block.feed_forward = feed_forward_tensors(encoder.feed_forward);
    block.output = make_.dense(model_.channels, model_.channels, block.attention.context);

    TransformerScratch scratch;
    TransformerBlock layer;
    const auto memory = place([&](Arena& arena) {
      scratch.allocate(kernels_, model_, encoder, arena);
      layer.allocate(kernels_, model_, encoder, arena);
    });
    layer.prepare(kernels_, model_, encoder, 0);
    Positions positions;
    const Activation in = make_.activation(2);
    positions.prepare(encoder.position, encoder.position_scale, model_.channels, in, encoder.positioned);

    const std::size_t time = operands_.choose<std::size_t>(1, model_.max_time);
    auto x = operands_.values<std::int8_t>(time * model_.channels, -128, 127);
    const Matrix rows = reals(std::span(x).first(time * model_.channels), model_.channels, in);
    positions.run(x.data(), time);
    const Matrix position = reals(encoder.position, model_.channels, {encoder.position_scale, 0});
    for (std::size_t t = 0; t < time; ++t)
      for (std::size_t c = 0; c < model_.channels; ++c) {
        const Interval sum = rows[t][c] + position[t][c];
        require(allows(rounded(sum, encoder.positioned, size_of(rows[t][c]) + size_of(position[t][c])),
                       encoder.positioned, x[t * model_.channels + c]),
                "positions");
      }

    const Matrix before =
        reals(std::span(x).first(time * model_.channels), model_.channels, encoder.positioned);
    const std::size_t queries = layer.run(kernels_, x.data(), time, scratch);
    require(queries == (time + block.pool - 1) / block.pool, "the rows that pooling leaves");

    const double epsilon = model_.norm_epsilon;
    Matrix stream = before, query, key, value;
    for (const Row& row : before) {
      const Row normed = layer_norm(row, epsilon, block.norm);
      key.push_back(dense(block.attention.key, normed, block.norm.scale, block.attention.key_code));
      value.push_back(dense(block.attention.value, normed, block.norm.scale, block.attention.value_code));
    }
    if (block.pool > 1) {
      stream.assign(queries, Row(model_.channels));
      for (std::size_t j = 0; j < queries; ++j) {
        const std::size_t begin = j * block.pool, end = std::min(begin + block.pool, time);
        for (std::size_t c = 0; c < model_.channels; ++c) {
          Interval sum;
          for (std::size_t t = begin; t < end; ++t) sum += before[t][c];
          const Interval mean = sum * (1.0 / static_cast<double>(end - begin));
          stream[j][c] = rounded(mean, block.pooled, size_of(mean) + 256 * double{encoder.positioned.scale});
        }
      }
    }
    for (const Row& row : stream)
      query.push_back(dense(block.attention.query, layer_norm(row, epsilon, block.norm), block.norm.scale,
                            block.attention.query_code));
    key = settle(key, scratch.key.data(), block.attention.key_code, "the keys of a Transformer block");
    value =
        settle(value, scratch.value.data(), block.attention.value_code, "the values of a Transformer block");
    query =
        settle(query, scratch.query.data(), block.attention.query_code, "the queries of a Transformer block");
    const Matrix context = attention(block.attention, heads, query, key, value);
    Matrix attended;
    for (std::size_t j = 0; j < queries; ++j)
      attended.push_back(dense(block.output, context[j], block.attention.context.scale, stream[j],
                               block.feed_forward.input));
    feed_forward(block.feed_forward, attended, scratch.normed.data(), scratch.hidden.data(), x.data());
  }

  void decoder() {
    const std::size_t heads = choose_heads(), beams = operands_.choose<std::size_t>(1, 5);
    DecoderTensors tensors;
    tensors.max_length = operands_.choose<std::size_t>(1, 6);
    tensors.embedding_channels = operands_.choose<std::size_t>(1, 12);
    tensors.window = operands_.choose<std::size_t>(1, 4);
    tensors.blocks = 1;
    tensors.heads = heads;
    tensors.feed_forward = operands_.choose<std::size_t>(1, 30);
    tensors.source_norm = make_.activation(3);
    tensors.embedding = make_.codes(kVocabulary * tensors.embedding_channels, -127);
    tensors.embedding_scale = 1.0f / 128;
    const Activation embedding = {tensors.embedding_scale, 0}, position = {1.0f / 128, 0};
    tensors.conv = make_.dense(model_.channels, tensors.window * tensors.embedding_channels, embedding);
    tensors.position = make_.codes(tensors.max_length * model_.channels, -127);
    tensors.position_scale = position.scale;
    tensors.embedded = make_.activation(2);
    MattBlockTensors& block = tensors.block[0];
    block.norm = make_.activation(3);
    block.attention = attention_tensors(block.norm, tensors.source_norm);
    block.running = make_.dense(model_.channels, model_.channels, block.norm);
    block.running_code = make_.activation(2, true);
    block.merged = make_.activation(3, true);
    block.output = make_.dense(model_.channels, model_.channels, block.merged);
    block.feed_forward = feed_forward_tensors(tensors.feed_forward);
    model_.decoder = tensors;

    IdWindow window;
    MattScratch scratch;
    MattBlock layer;
    std::span<std::int8_t> x;
    const DecoderTensors& kept = *model_.decoder;
    const MattBlockTensors& parts = kept.block[0];
    const auto memory = place([&](Arena& arena) {
      window.allocate(kernels_, kept, model_.channels, beams, arena);
      scratch.allocate(kernels_, model_, beams, arena);
      layer.allocate(kernels_, model_, beams, arena);
      x = arena.take<std::int8_t>(beams * model_.channels);
    });
    window.prepare(kernels_, kept);
    layer.prepare(kernels_, model_, 0);
    const std::size_t time = operands_.choose<std::size_t>(1, model_.max_time);
    const auto source = operands_.values<std::int8_t>(time * model_.channels, -128, 127);
    layer.read(kernels_, source.data(), time, scratch);
    window.begin();

    const double epsilon = model_.norm_epsilon;
    Matrix key, value;
    for (const Row& row :
         reals(std::span(source).first(time * model_.channels), model_.channels, kept.source_norm)) {
      key.push_back(dense(parts.attention.key, row, kept.source_norm.scale, parts.attention.key_code));
      value.push_back(dense(parts.attention.value, row, kept.source_norm.scale, parts.attention.value_code));
    }
    struct Text {
      std::vector<std::uint16_t> ids;
      Row sums;
    };
    std::vector<Text> texts = {{std::vector<std::uint16_t>(kept.window, kPadding), Row(model_.channels)}};
    for (std::size_t step = 1; step <= kept.max_length; ++step) {
      const std::size_t rows = operands_.choose<std::size_t>(1, beams);
      std::vector<std::uint16_t> parents(rows), ids(rows);
      std::vector<Text> now;
      for (std::size_t row = 0; row < rows; ++row) {
        parents[row] = operands_.choose<std::uint16_t>(0, static_cast<std::uint16_t>(texts.size() - 1));
        ids[row] = operands_.choose<std::uint16_t>(0, kVocabulary - 1);
        now.push_back(texts[parents[row]]);
        now.back().ids.push_back(ids[row]);
      }
      window.run(kernels_, step, parents, ids, x.data());
      for (std::size_t row = 0; row < rows; ++row) {
        Row taps, placed(model_.channels);
        for (std::size_t k = now[row].ids.size() - kept.window; k < now[row].ids.size(); ++k)
          for (std::size_t e = 0; e < kept.embedding_channels; ++e)
            taps.emplace_back(real(embedding, kept.embedding[now[row].ids[k] * kept.embedding_channels + e]));
        for (std::size_t c = 0; c < model_.channels; ++c)
          placed[c] = real(position, kept.position[(step - 1) * model_.channels + c]);
        require_rows({dense(kept.conv, taps, embedding.scale, placed, kept.embedded)},
                     x.data() + row * model_.channels, kept.embedded, "the window of ids");
      }
      const Matrix before = reals(x.first(rows * model_.channels), model_.channels, kept.embedded);
      layer.run(kernels_, step, parents, x.data(), scratch);
      Matrix query, running, attended;
      for (const Row& row : before) {
        const Row normed = layer_norm(row, epsilon, parts.norm);
        query.push_back(dense(parts.attention.query, normed, parts.norm.scale, parts.attention.query_code));
        running.push_back(dense(parts.running, normed, parts.norm.scale, parts.running_code));
      }
      query =
          settle(query, scratch.query.data(), parts.attention.query_code, "the queries of a decoder block");
      running =
          settle(running, scratch.running.data(), parts.running_code, "the running rows of a decoder block");
      for (std::size_t row = 0; row < rows; ++row) {
        const Row context = attention(parts.attention, heads, {query[row]}, key, value)[0];
        Row merged(model_.channels);
        for (std::size_t c = 0; c < model_.channels; ++c) {
          now[row].sums[c] += running[row][c];
          const Interval mean = now[row].sums[c] * (1 / static_cast<double>(step));
          merged[c] = rounded(context[c] + mean, parts.merged, size_of(context[c]) + size_of(mean));
        }
        attended.push_back(
            dense(parts.output, merged, parts.merged.scale, before[row], parts.feed_forward.input));
      }
      feed_forward(parts.feed_forward, attended, scratch.normed.data(), scratch.hidden.data(), x.data());
      texts = now;
    }
  }

  void pooling_and_head() {
    const std::size_t labels = operands_.choose<std::size_t>(1, 5);
    const Activation in = make_.activation(2);
    PoolingTensors& pooling = model_.pooling;
    pooling.norm = make_.activation(3);
    pooling.attention = make_.dense(1, model_.channels, pooling.norm);
    pooling.attention.bias = {};
    pooling.attention_code = make_.activation(3, true);
    pooling.exp = make_.exp_table(pooling.attention_code.scale);
    const Dense weight = make_.dense(labels, 2 * model_.channels, pooling.norm);
    const std::vector<float> bias = operands_.random().reals(labels, -1, 1),
                             slope = operands_.random().reals(labels, -2, 2),
                             offset = operands_.random().reals(labels, -2, 2);
    std::vector<float> sigmoid_table(256);
    for (int i = 0; i < 256; ++i)
      sigmoid_table[static_cast<std::size_t>(i)] = static_cast<float>(1 / (1 + std::exp((128 - i) / 8.0)));
    model_.head = {weight.weight, weight.scales, bias, sigmoid_table, slope, offset};
    model_.label_count = labels;

    AttentionMaxPooling layer;
    const auto memory = place([&](Arena& arena) { layer.allocate(model_, arena); });
    layer.prepare(model_, in);
    const std::size_t time = operands_.choose<std::size_t>(1, model_.max_time);
    const auto x = operands_.values<std::int8_t>(time * model_.channels, -128, 127);
    std::vector<std::int32_t> pooled(2 * model_.channels);
    layer.run(kernels_, x.data(), time, pooled);

    Matrix normed;
    Row scores;
    for (const Row& row : reals(std::span(x).first(time * model_.channels), model_.channels, in))
      normed.push_back(layer_norm(row, double{model_.norm_epsilon}, pooling.norm));
    normed = settle(normed, layer.normed().data, pooling.norm, "the LayerNorm of pooling");
    for (const Row& row : normed) {
      double size = 0;
      const Interval sum = product(pooling.attention, 0, row, pooling.norm.scale, size);
      scores.push_back(rounded(sum, pooling.attention_code, size));
    }
    const Row shares = softmax(scores);
    const double unit = double{pooling.norm.scale} / 128;
    for (std::size_t c = 0; c < model_.channels; ++c) {
      Row values;
      for (const Row& row : normed) values.push_back(row[c]);
      const Interval mean = weighted_mean(shares, values);
      Interval most = values[0];
      for (const Interval value : values) most = highest(most, value);
      const double error = unit * (1 + 255 * 128 * 0x1p-20);
      require(std::abs(unit * pooled[c] - (mean.low + mean.high) / 2) <= (mean.high - mean.low) / 2 + error,
              "the mean of pooling");
      require(unit * pooled[model_.channels + c] >= most.low - error &&
                  unit * pooled[model_.channels + c] <= most.high + error,
              "the maximum of pooling");
    }
    std::vector<float> logits(labels), probabilities(labels);
    run_head(model_, pooled, logits, probabilities);
    for (std::size_t n = 0; n < labels; ++n) {
      double logit = bias[n], size = 1;
      for (std::size_t c = 0; c < pooled.size(); ++c) {
        const double term =
            unit * pooled[c] * double{weight.scales[n]} * weight.weight[n * pooled.size() + c];
        logit += term;
        size += std::abs(term);
      }
      require(std::abs(double{logits[n]} - logit) <= size * kFloat, "a logit");
      const double probability = 1 / (1 + std::exp(-(double{logits[n]} * slope[n] + offset[n])));
      require(std::abs(double{probabilities[n]} - probability) < 3e-4,
              "a probability");  // of lines between points 1/8 apart
    }
  }

  void relevance() {
    const std::size_t labels = operands_.choose<std::size_t>(1, 3),
                      label = operands_.choose<std::size_t>(0, labels - 1),
                      time = operands_.choose<std::size_t>(1, model_.max_time);
    model_.pooling.norm = make_.activation(3);
    const Dense weight = make_.dense(labels, 2 * model_.channels, model_.pooling.norm);
    const std::vector<float> bias = operands_.random().reals(labels, -1, 1);
    model_.head.weight = weight.weight;
    model_.head.scales = weight.scales;
    model_.head.bias = bias;
    std::vector<std::uint8_t> text(operands_.choose<std::size_t>(0, 40));
    for (std::uint8_t& byte : text)
      byte = operands_.choose(0, 3) == 0 ? ' ' : operands_.choose<std::uint8_t>(0, 255);
    const auto y = operands_.values<std::int8_t>(time * model_.channels, -128, 127);
    const auto shares = operands_.values<std::int32_t>(time, 0, (1 << 22) / static_cast<std::int32_t>(time));

    Relevance layer;
    const auto memory = place([&](Arena& arena) { layer.allocate(model_, arena); });
    std::vector<std::uint32_t> ends(time);  // rows without a byte, and all bytes in one row, among them
    for (std::uint32_t& end : ends)
      end = operands_.choose<std::uint32_t>(0, static_cast<std::uint32_t>(text.size()));
    std::sort(ends.begin(), ends.end());
    ends.back() = static_cast<std::uint32_t>(text.size());
    std::copy(ends.begin(), ends.end(), layer.ends().begin());
    std::vector<WordWeight> room(text.size());
    float rest = 0;
    const auto words = layer.run(model_, label, text, {y.data(), model_.channels},
                                 std::span(shares).first(time), room, rest);

    // What each row has added, in units of the logit.
    const double unit = double{model_.pooling.norm.scale} * double{weight.scales[label]} * 0x1p-22;
    const std::int8_t* of_label = weight.weight.data() + label * 2 * model_.channels;
    std::vector<double> rows(time), sizes(time);
    const auto add = [&](std::size_t t, double value) {
      rows[t] += unit * value;
      sizes[t] += unit * std::abs(value);
    };
    for (std::size_t c = 0; c < model_.channels; ++c) {
      std::size_t best = 0;
      for (std::size_t t = 0; t < time; ++t) {
        const int code = y[t * model_.channels + c];
        add(t, 1.0 * of_label[c] * shares[t] * (code - model_.pooling.norm.zero_point));
        if (code > y[best * model_.channels + c]) best = t;
      }
      add(best, 0x1p22 * of_label[model_.channels + c] *
                    (y[best * model_.channels + c] - model_.pooling.norm.zero_point));
    }
    // Byte by byte: a row is shared out evenly among those of its bytes that lie in words.
    std::vector<std::size_t> row_of(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
      row_of[i] = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), i) - ends.begin());
    std::vector<std::size_t> in_words(time);
    for (const WordWeight& word : words)
      for (std::size_t i = word.begin; i < word.end; ++i) ++in_words[row_of[i]];
    std::size_t at = 0;
    Segments segments(text);
    for (auto segment = segments.next(); segment; segment = segments.next(), ++at) {
      require(at < words.size() && words[at].begin == segment->begin && words[at].end == segment->end,
              "the words of an explanation");
      double sum = 0, size = 0;
      for (std::size_t i = segment->begin; i < segment->end; ++i) {
        sum += rows[row_of[i]] / static_cast<double>(in_words[row_of[i]]);
        size += sizes[row_of[i]];
      }
      // A row's part is rounded towards zero to a whole unit.
      const double error = unit * static_cast<double>(segment->end - segment->begin) + size * kFloat;
      require(std::abs(double{words[at].weight} - sum) <= error, "the weight of a word");
    }
    require(at == words.size(), "as many weights as words");
    double sum = bias[label], size = std::abs(sum);
    for (std::size_t t = 0; t < time; ++t) {
      if (in_words[t] > 0) continue;
      sum += rows[t];
      size += sizes[t];
    }
    require(std::abs(double{rest} - sum) <= size * kFloat, "what belongs to no word");
  }

 private:
  static const Kernels& pick_kernels(Operands& operands) {
    const auto& all = all_kernels();
    return *all[operands.choose<std::size_t>(0, all.size() - 1)];
  }

  std::size_t choose_heads() {
    const std::size_t heads = operands_.choose<std::size_t>(1, 4),
                      width = operands_.choose<std::size_t>(1, 10);
    model_.channels = heads * width;
    return heads;
  }

  AttentionTensors attention_tensors(Activation queried, Activation read) {
    AttentionTensors tensors;
    tensors.query = make_.dense(model_.channels, model_.channels, queried);
    tensors.key = make_.dense(model_.channels, model_.channels, read);
    tensors.value = make_.dense(model_.channels, model_.channels, read);
    for (Activation* code : {&tensors.query_code, &tensors.key_code, &tensors.value_code, &tensors.context})
      *code = make_.activation(2, true);
    tensors.score_code = make_.activation(3, true);
    tensors.exp = make_.exp_table(tensors.score_code.scale);
    return tensors;
  }

  FeedForwardTensors feed_forward_tensors(std::size_t width) {
    FeedForwardTensors tensors;
    tensors.input = make_.activation(3);
    tensors.norm = make_.activation(3);
    tensors.up = make_.dense(width, model_.channels, tensors.norm);
    tensors.up_code = make_.activation(3);
    tensors.hidden = make_.activation(3);
    tensors.activation =
        make_.code_table(tensors.up_code, tensors.hidden, [](double x) { return std::max(x, 0.0); });
    tensors.down = make_.dense(model_.channels, width, tensors.hidden);
    tensors.output = make_.activation(3);
    return tensors;
  }

  // The second half of a block, from what attention leaves: its LayerNorm and its hidden rows stay in
  // scratch.
  void feed_forward(const FeedForwardTensors& tensors, const Matrix& attended,
                    const std::int8_t* normed_codes, const std::int8_t* hidden_codes,
                    const std::int8_t* out) const {
    Matrix normed, hidden, expected;
    for (const Row& row : attended)
      normed.push_back(layer_norm(row, double{model_.norm_epsilon}, tensors.norm));
    normed =
        settle(normed, normed_codes, tensors.norm, "the rows that attention leaves, and their LayerNorm");
    for (const Row& row : normed) {
      hidden.push_back(dense(tensors.up, row, tensors.norm.scale, tensors.up_code));
      for (Interval& value : hidden.back()) value = relu(value, tensors.hidden);
    }
    hidden = settle(hidden, hidden_codes, tensors.hidden, "a hidden layer");
    for (std::size_t t = 0; t < attended.size(); ++t)
      expected.push_back(dense(tensors.down, hidden[t], tensors.hidden.scale, attended[t], tensors.output));
    require_rows(expected, out, tensors.output, "a feed-forward layer");
  }

  // Shares agree where positions are alike (section 3, `calibrated`).
  static void calibrate(Matrix& shares) {
    const std::size_t length = shares.size(), count = shares[0].size();
    const Matrix before = shares;
    for (std::size_t t = 0; t < length; ++t) {
      Row alike(length);
      for (std::size_t u = 0; u < length; ++u)
        for (std::size_t b = 0; b < count; ++b) alike[u] += before[t][b] * before[u][b];
      for (Interval& likeness : alike)
        likeness = likeness + Interval(-1.0 / 256, 1.0 / 256);  // looked up in steps of that
      const Row weights = softmax(alike);
      for (std::size_t b = 0; b < count; ++b) {
        Row values(length);
        for (std::size_t u = 0; u < length; ++u) values[u] = before[u][b];
        const Interval mean = weighted_mean(weights, values);
        shares[t][b] = mean + Interval(-0x1p-13, 0x1p-13);
      }
    }
  }

  // z + f (c - z), whose extremes lie at the ends; c counts 16,383 steps, rounded twice.
  static Interval fo_step(Interval z, Interval f, Interval c) {
    double low = 2, high = -2;
    for (const double zv : {z.low, z.high})
      for (const double fv : {f.low, f.high})
        for (const double cv : {c.low, c.high}) {
          low = std::min(low, zv + fv * (cv - zv));
          high = std::max(high, zv + fv * (cv - zv));
        }
    return {low - 2e-4, high + 2e-4};
  }

  Operands& operands_;
  RandomLayers make_;
  const Kernels& kernels_;
  Model model_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (Layers::*kLayers[])() = {
      &Layers::embedding,   &Layers::gbst,    &Layers::projection,       &Layers::qrnn,
      &Layers::transformer, &Layers::decoder, &Layers::pooling_and_head, &Layers::relevance};
  if (size < 1) return 0;
  Operands operands(data + 1, size - 1);
  Layers layers(operands);
  (layers.*kLayers[data[0] % std::size(kLayers)])();
  return 0;
}
