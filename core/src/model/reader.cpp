// The checked reader: FlatBuffers' verifier for the structure, then every name, shape, size and range.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "byteflow/byte_splitter.h"
#include "byteflow/model.h"
#include "model/checksum.h"
#include "model/limits.h"
#include "model_generated.h"
#include "text/plain.h"
#include "text/words.h"

namespace byteflow {

namespace {

static_assert(std::endian::native == std::endian::little, "tensor data is read in place");

using Shape = std::initializer_list<std::size_t>;

template <typename T>
constexpr file::Type type_of();
template <>
constexpr file::Type type_of<std::int8_t>() {
  return file::Type_int8;
}
template <>
constexpr file::Type type_of<std::int16_t>() {
  return file::Type_int16;
}
template <>
constexpr file::Type type_of<std::uint16_t>() {
  return file::Type_uint16;
}
template <>
constexpr file::Type type_of<std::int32_t>() {
  return file::Type_int32;
}
template <>
constexpr file::Type type_of<float>() {
  return file::Type_float32;
}

// "encoder.3.gates.weight" without allocation.
class Name {
 public:
  Name(std::string_view layer, std::string_view part) {
    append(layer);
    append(part);
  }
  Name(std::string_view network, std::size_t block, std::string_view part) {
    append(network);
    const auto end = std::to_chars(text_.data() + length_, text_.data() + text_.size(), block);
    length_ = static_cast<std::size_t>(end.ptr - text_.data());
    append(".");
    append(part);
  }
  [[nodiscard]] const char* c_str() const { return text_.data(); }

 private:
  void append(std::string_view text) {
    length_ += text.copy(text_.data() + length_, text_.size() - 1 - length_);
  }
  std::array<char, 64> text_ = {};
  std::size_t length_ = 0;
};

// Reads tensors and activations by name. The first fault is kept and everything after it is skipped.
class Reader {
 public:
  explicit Reader(const file::Model& root) : root_(root) {}

  [[nodiscard]] const Status& status() const { return status_; }

  void fail(std::initializer_list<MessagePart> parts) {
    if (status_.ok()) status_ = Status::error(Code::invalid_model, parts);
  }

  std::size_t config(const char* name, std::size_t value, std::size_t lowest, std::size_t highest) {
    if (value < lowest || value > highest)
      fail({"config ", name, " is ", value, "; it must lie in ", lowest, "..", highest});
    return value;
  }

  Activation activation(const char* name) {
    if (!status_.ok()) return {};
    const file::Activation* found = root_.activations()->LookupByKey(name);
    if (found == nullptr) {
      fail({"activation ", name, " is missing"});
      return {};
    }
    check_scale("activation ", name, found->scale());
    if (found->zero_point() < -128 || found->zero_point() > 127)
      fail({"activation ", name, ": zero point ", found->zero_point(), " lies outside -128..127"});
    return {found->scale(), found->zero_point()};
  }

  // An activation whose zero point is fixed at 0 by the contract.
  Activation symmetric_activation(const char* name) {
    const Activation found = activation(name);
    if (found.zero_point != 0)
      fail({"activation ", name, ": zero point ", found.zero_point, "; this one must be 0"});
    return found;
  }

  template <typename T>
  std::span<const T> tensor(const char* name, Shape shape, std::span<const float>* scales = nullptr,
                            std::size_t scale_count = 0) {
    if (!status_.ok()) return {};
    const file::Tensor* found = root_.tensors()->LookupByKey(name);
    if (found == nullptr) {
      fail({"tensor ", name, " is missing"});
      return {};
    }
    if (found->type() != type_of<T>()) {
      fail({"tensor ", name, " has type ", static_cast<int>(found->type()), "; expected ",
            static_cast<int>(type_of<T>())});
      return {};
    }
    std::size_t count = 1;
    bool fits = found->shape()->size() == shape.size();
    for (std::size_t i = 0; i < shape.size() && fits; ++i) {
      const std::size_t expected = shape.begin()[i];
      const std::size_t actual = found->shape()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (actual != expected) {
        fail({"tensor ", name, ": dimension ", i, " is ", actual, "; the config asks for ", expected});
        return {};
      }
      count *= expected;  // bounded by the limits: at most 2^6 * 2^10 * 2^12
    }
    if (!fits) {
      fail({"tensor ", name, " has ", std::size_t{found->shape()->size()}, " dimensions; expected ",
            shape.size()});
      return {};
    }
    if (found->data()->size() != count * sizeof(T)) {
      fail({"tensor ", name, " holds ", std::size_t{found->data()->size()}, " bytes; its shape needs ",
            count * sizeof(T)});
      return {};
    }
    const auto address = reinterpret_cast<std::uintptr_t>(found->data()->data());
    if (address % kModelAlignment != 0) {
      fail({"tensor ", name, ": data is not aligned to ", kModelAlignment, " bytes"});
      return {};
    }
    if (scales != nullptr) {
      if (found->scales() == nullptr || found->scales()->size() != scale_count) {
        fail({"tensor ", name, " has ", std::size_t{found->scales() == nullptr ? 0 : found->scales()->size()},
              " scales; expected ", scale_count});
        return {};
      }
      *scales = {found->scales()->data(), scale_count};
      for (const float scale : *scales) check_scale("tensor ", name, scale);
    }
    return {reinterpret_cast<const T*>(found->data()->data()), count};
  }

  std::span<const std::int8_t> weight(const char* name, Shape shape, std::span<const float>* scales,
                                      std::size_t scale_count) {
    const auto codes = tensor<std::int8_t>(name, shape, scales, scale_count);
    if (!codes.empty() && std::memchr(codes.data(), static_cast<std::uint8_t>(-128), codes.size()) != nullptr)
      fail({"tensor ", name, ": weight code -128; -127 is the lowest"});
    return codes;
  }

  std::span<const std::int32_t> bias(const char* name, std::size_t count, std::int32_t highest) {
    return in_range(name, tensor<std::int32_t>(name, {count}), -highest, highest);
  }

  template <typename T>
  std::span<const T> table(const char* name, T lowest, T highest) {
    return in_range(name, tensor<T>(name, {256}), lowest, highest);
  }

  // A softmax table: 2^15 for the maximum itself, no more for anything below it.
  std::span<const std::uint16_t> exp_table(const char* name) {
    const auto values = table<std::uint16_t>(name, 0, 32'768);
    if (!values.empty() && values[0] != 32'768)
      fail({"tensor ", name, ": entry 0 is ", int{values[0]}, "; it must be 32768"});
    return values;
  }

  // Empty where the model has none.
  std::span<const std::int8_t> lexicon(const char* name, float& penalty) {
    if (!status_.ok()) return {};
    const file::Tensor* found = root_.tensors()->LookupByKey(name);
    if (found == nullptr) return {};
    const std::size_t bytes = found->shape()->size() == 1 ? found->shape()->Get(0) : 0;
    if (!std::has_single_bit(bytes) || bytes < kMinLexiconBytes || bytes > kMaxLexiconBytes) {
      fail({"tensor ", name, " must be a power of two of bytes from ", kMinLexiconBytes, " to ",
            kMaxLexiconBytes});
      return {};
    }
    std::span<const float> scales;
    const auto filter = tensor<std::int8_t>(name, {bytes}, &scales, 1);
    if (filter.empty()) return {};
    penalty = scales[0];
    if (penalty > kMaxLexiconPenalty)
      fail({"tensor ", name, ": the penalty exceeds ", static_cast<int>(kMaxLexiconPenalty)});
    return filter;
  }

  std::span<const float> floats(const char* name, std::span<const float> values, std::size_t count,
                                float lowest, float highest) {
    if (status_.ok() && values.size() != count)
      fail({name, " has ", values.size(), " entries; expected ", count});
    for (const float value : values)
      if (!(value >= lowest && value <= highest)) fail({name, ": an entry is not a number or too large"});
    return values;
  }

 private:
  template <typename T>
  std::span<const T> in_range(const char* name, std::span<const T> values, T lowest, T highest) {
    for (const T value : values)
      if (value < lowest || value > highest)
        fail({"tensor ", name, ": entry ", std::int64_t{value}, " lies outside ", std::int64_t{lowest}, "..",
              std::int64_t{highest}});
    return values;
  }

  void check_scale(const char* kind, const char* name, float scale) {
    if (!(scale >= kMinScale && scale <= kMaxScale))
      fail({kind, name, ": a scale is not a number within 1e-9..1e6"});
  }

  const file::Model& root_;
  Status status_;
};

void read_config(Reader& reader, const file::Model& root, Model& model) {
  model.name = {root.name()->c_str(), root.name()->size()};
  if (!is_plain(model.name)) reader.fail({"the model's name is not UTF-8 without control characters"});
  model.norm_epsilon = root.norm_epsilon();
  if (!(model.norm_epsilon >= kMinNormEpsilon && model.norm_epsilon <= kMaxNormEpsilon))
    reader.fail({"norm_epsilon is not a number within 1e-12..1"});
}

void read_labels(Reader& reader, const file::ClassifierHead& head, Model& model) {
  const auto& labels = *head.labels();
  model.label_count = reader.config("head.labels (their number)", labels.size(), 1, kMaxLabels);
  for (std::size_t i = 0; i < std::min(model.label_count, kMaxLabels); ++i) {
    const auto* label = labels.Get(static_cast<flatbuffers::uoffset_t>(i));
    model.labels[i] = {label->c_str(), label->size()};
    if (model.labels[i].empty()) reader.fail({"head.labels: label ", i, " has no name"});
    if (!is_plain(model.labels[i]))
      reader.fail({"head.labels: the name of label ", i, " is not UTF-8 without control characters"});
    for (std::size_t before = 0; before < i; ++before)
      if (model.labels[before] == model.labels[i])
        reader.fail({"head.labels: labels ", before, " and ", i, " have the same name"});
  }
}

ByteFrontEndTensors byte_config(Reader& reader, const file::ByteFrontEnd& front) {
  ByteFrontEndTensors tensors;
  tensors.embedding_channels =
      reader.config("front_end.embedding_channels", front.embedding_channels(), 1, kMaxEmbeddingChannels);
  tensors.conv_width = reader.config("front_end.conv_width", front.conv_width(), 1, kMaxConvWidth);
  if (tensors.conv_width % 2 == 0)
    reader.fail({"config front_end.conv_width is ", tensors.conv_width, "; it must be odd"});
  reader.config("front_end.block_widths (their number)", front.block_widths()->size(), 1, kMaxBlockWidths);
  tensors.block_widths = {front.block_widths()->data(), front.block_widths()->size()};
  for (const std::uint8_t width : tensors.block_widths)
    reader.config("front_end.block_widths", width, 1, kMaxBlockWidth);
  tensors.downsample = reader.config("front_end.downsample", front.downsample(), 1, kMaxDownsample);
  tensors.gbst.form =
      static_cast<GbstForm>(reader.config("front_end.gbst", front.gbst(), file::Gbst_MIN, file::Gbst_MAX));
  return tensors;
}

void read_front_end_config(Reader& reader, const file::Model& root, Model& model) {
  if ((root.front_end() == nullptr) == (root.word_front_end() == nullptr)) {
    reader.fail({"the model must have either a front_end or a word_front_end"});
    return;
  }
  const auto sizes = [&](std::size_t max_bytes, std::size_t channels) {
    model.max_bytes = reader.config("front_end.max_bytes", max_bytes, 1, kMaxBytes);
    model.channels = reader.config("front_end.channels", channels, 1, kMaxChannels);
  };
  if (const file::ByteFrontEnd* bytes = root.front_end()) {
    sizes(bytes->max_bytes(), bytes->channels());
    const ByteFrontEndTensors tensors = byte_config(reader, *bytes);
    const std::size_t length = model.max_bytes + 1;  // EOS
    if (reader.status().ok()) model.max_time = (length + tensors.downsample - 1) / tensors.downsample;
    model.front_end = tensors;
  } else if (const file::WordFrontEnd* words = root.word_front_end()) {
    sizes(words->max_bytes(), words->channels());
    WordFrontEndTensors tensors;
    tensors.features = reader.config("front_end.features", words->features(), 1, kMaxFeatures);
    model.max_time = max_words(model.max_bytes);
    model.front_end = tensors;
  }
}

QrnnTensors qrnn_config(Reader& reader, const file::QrnnEncoder& encoder) {
  QrnnTensors tensors;
  tensors.blocks = reader.config("encoder.blocks", encoder.blocks(), 1, kMaxBlocks);
  tensors.state = reader.config("encoder.state", encoder.state(), 1, kMaxState);
  tensors.window = reader.config("encoder.window", encoder.window(), 1, kMaxWindow);
  tensors.gate_sets = encoder.shared_gates() ? 1 : 2;
  return tensors;
}

TransformerTensors transformer_config(Reader& reader, std::size_t channels, std::size_t blocks,
                                      std::size_t heads, std::size_t feed_forward) {
  TransformerTensors tensors;
  tensors.blocks = reader.config("encoder.blocks", blocks, 1, kMaxBlocks);
  tensors.heads = reader.config("encoder.heads", heads, 1, channels);
  if (channels % std::max<std::size_t>(heads, 1) != 0)
    reader.fail({"config encoder.heads is ", heads, "; it must divide the ", channels, " channels"});
  tensors.feed_forward = reader.config("encoder.feed_forward", feed_forward, 1, kMaxFeedForward);
  return tensors;
}

void read_encoder_config(Reader& reader, const file::Model& root, Model& model) {
  if (const file::QrnnEncoder* qrnn = root.encoder_as_QrnnEncoder()) {
    model.encoder = qrnn_config(reader, *qrnn);
  } else if (const file::TransformerEncoder* transformer = root.encoder_as_TransformerEncoder()) {
    model.encoder = transformer_config(reader, model.channels, transformer->blocks(), transformer->heads(),
                                       transformer->feed_forward());
  } else if (const file::FunnelEncoder* funnel = root.encoder_as_FunnelEncoder()) {
    const auto& pool = *funnel->pool();
    TransformerTensors tensors =
        transformer_config(reader, model.channels, pool.size(), funnel->heads(), funnel->feed_forward());
    for (std::size_t i = 0; i < std::min(tensors.blocks, kMaxBlocks); ++i)
      tensors.block[i].pool =
          reader.config("encoder.pool", pool.Get(static_cast<flatbuffers::uoffset_t>(i)), 1, kMaxPool);
    model.encoder = tensors;
  }
}

DecoderTensors decoder_config(Reader& reader, const file::MattDecoder& decoder, std::size_t channels) {
  DecoderTensors tensors;
  tensors.max_length = reader.config("decoder.max_length", decoder.max_length(), 1, kMaxLength);
  tensors.embedding_channels =
      reader.config("decoder.embedding_channels", decoder.embedding_channels(), 1, kMaxEmbeddingChannels);
  tensors.window = reader.config("decoder.window", decoder.window(), 1, kMaxDecoderWindow);
  tensors.blocks = reader.config("decoder.blocks", decoder.blocks(), 1, kMaxBlocks);
  tensors.heads = reader.config("decoder.heads", decoder.heads(), 1, channels);
  if (channels % std::max<std::size_t>(tensors.heads, 1) != 0)
    reader.fail({"config decoder.heads is ", tensors.heads, "; it must divide the ", channels, " channels"});
  tensors.feed_forward = reader.config("decoder.feed_forward", decoder.feed_forward(), 1, kMaxFeedForward);
  return tensors;
}

void read_byte_front_end(Reader& reader, std::size_t channels, ByteFrontEndTensors& front) {
  std::span<const float> embedding_scale;
  EmbeddingTensors& embedding = front.embedding;
  embedding.weight =
      reader.weight("embedding.weight", {kVocabulary, front.embedding_channels}, &embedding_scale, 1);
  embedding.scale = embedding_scale.empty() ? 0.0f : embedding_scale[0];
  embedding.conv.weight = reader.weight("conv.weight", {channels, front.conv_width, front.embedding_channels},
                                        &embedding.conv.scales, channels);
  embedding.conv.bias = reader.bias("conv.bias", channels, kMaxBias);
  embedding.activation = reader.tensor<std::int8_t>("conv.activation", {256});
  embedding.pre = reader.activation("conv.pre");
  embedding.out = reader.activation("conv");

  Dense& score = front.gbst.score;
  const std::size_t widths = front.block_widths.size();
  score.weight = reader.weight("gbst.score.weight", {widths, channels}, &score.scales, widths);
  score.bias = reader.bias("gbst.score.bias", widths, kMaxScoreBias);
  front.gbst.exp = reader.exp_table("gbst.exp");
  if (front.gbst.form == GbstForm::calibrated) front.gbst.calibration = reader.exp_table("gbst.calibration");
  front.gbst.score_code = reader.activation("gbst.score");
  front.gbst.out = reader.activation("gbst");
}

void read_word_front_end(Reader& reader, std::size_t channels, WordFrontEndTensors& front) {
  front.projection.weight =
      reader.weight("projection.weight", {channels, front.features}, &front.projection.scales, channels);
  front.projection.bias = reader.bias("projection.bias", channels, kMaxBias);
  front.activation = reader.tensor<std::int8_t>("projection.activation", {256});
  front.pre = reader.activation("projection.pre");
  front.out = reader.activation("projection");
}

void read_front_end(Reader& reader, Model& model) {
  if (auto* bytes = std::get_if<ByteFrontEndTensors>(&model.front_end)) {
    read_byte_front_end(reader, model.channels, *bytes);
    model.rows = bytes->gbst.out;
  } else if (auto* words = std::get_if<WordFrontEndTensors>(&model.front_end)) {
    read_word_front_end(reader, model.channels, *words);
    model.rows = words->out;
  }
}

void read_qrnn_block(Reader& reader, std::size_t channels, QrnnTensors& encoder, std::size_t i) {
  QrnnBlockTensors& block = encoder.block[i];
  const std::size_t rows = encoder.gate_sets * 3 * encoder.state;
  block.norm = reader.activation(Name("encoder.", i, "norm").c_str());
  block.gates.weight = reader.weight(Name("encoder.", i, "gates.weight").c_str(),
                                     {encoder.gate_sets, 3, encoder.state, encoder.window * channels},
                                     &block.gates.scales, rows);
  block.gates.bias = reader.bias(Name("encoder.", i, "gates.bias").c_str(), rows, kMaxBias);
  for (std::size_t gate = 0; gate < 3; ++gate) {
    const std::string_view letter = std::string_view("zfo").substr(gate, 1);
    block.gate_codes[gate] = reader.symmetric_activation(Name("encoder.", i, letter).c_str());
    // z is 16383 tanh, so that c - z fits int16; f and o are 32767 sigmoid, so that c stays between its
    // neighbours.
    const std::int16_t lowest = gate == 0 ? -16'383 : 0;
    const std::int16_t highest = gate == 0 ? 16'383 : 32'767;
    const Name table = gate == 0   ? Name("encoder.", i, "z.table")
                       : gate == 1 ? Name("encoder.", i, "f.table")
                                   : Name("encoder.", i, "o.table");
    block.tables[gate] = reader.table<std::int16_t>(table.c_str(), lowest, highest);
  }
  block.projection.weight = reader.weight(Name("encoder.", i, "projection.weight").c_str(),
                                          {channels, 2 * encoder.state}, &block.projection.scales, channels);
  block.projection.bias = reader.bias(Name("encoder.", i, "projection.bias").c_str(), channels, kMaxBias);
  block.residual = reader.activation(Name("encoder.", i, "residual").c_str());
}

// The layers of one block of `network`, "encoder." or "decoder.".
class BlockReader {
 public:
  BlockReader(Reader& reader, std::string_view network, std::size_t block, std::size_t channels)
      : reader_(reader), network_(network), block_(block), channels_(channels) {}

  Dense dense(std::string_view weight, std::string_view bias, std::size_t outputs, std::size_t inputs) {
    Dense found;
    found.weight = reader_.weight(name(weight).c_str(), {outputs, inputs}, &found.scales, outputs);
    found.bias = reader_.bias(name(bias).c_str(), outputs, kMaxBias);
    return found;
  }
  Activation activation(std::string_view part) { return reader_.activation(name(part).c_str()); }
  Activation symmetric(std::string_view part) { return reader_.symmetric_activation(name(part).c_str()); }

  AttentionTensors attention() {
    AttentionTensors found;
    found.query = dense("query.weight", "query.bias", channels_, channels_);
    found.key = dense("key.weight", "key.bias", channels_, channels_);
    found.value = dense("value.weight", "value.bias", channels_, channels_);
    found.query_code = symmetric("query");
    found.key_code = symmetric("key");
    found.value_code = symmetric("value");
    found.score_code = symmetric("score");
    found.exp = reader_.exp_table(name("exp").c_str());
    found.context = symmetric("context");
    return found;
  }
  Dense output() { return dense("output.weight", "output.bias", channels_, channels_); }
  FeedForwardTensors feed_forward(std::size_t width) {
    FeedForwardTensors found;
    found.input = activation("attended");
    found.norm = activation("attended.norm");
    found.up = dense("up.weight", "up.bias", width, channels_);
    found.up_code = activation("up");
    found.activation = reader_.tensor<std::int8_t>(name("activation").c_str(), {256});
    found.hidden = activation("hidden");
    found.down = dense("down.weight", "down.bias", channels_, width);
    found.output = activation("residual");
    return found;
  }

 private:
  [[nodiscard]] Name name(std::string_view part) const { return {network_, block_, part}; }

  Reader& reader_;
  std::string_view network_;
  std::size_t block_, channels_;
};

void read_transformer_block(Reader& reader, std::size_t channels, TransformerTensors& encoder,
                            std::size_t i) {
  TransformerBlockTensors& block = encoder.block[i];
  BlockReader parts(reader, "encoder.", i, channels);
  block.norm = parts.activation("norm");
  if (block.pool > 1) block.pooled = parts.activation("pooled");
  block.attention = parts.attention();
  block.output = parts.output();
  block.feed_forward = parts.feed_forward(encoder.feed_forward);
}

void read_encoder(Reader& reader, Model& model) {
  if (auto* qrnn = std::get_if<QrnnTensors>(&model.encoder)) {
    for (std::size_t i = 0; i < qrnn->blocks; ++i) read_qrnn_block(reader, model.channels, *qrnn, i);
  } else if (auto* transformer = std::get_if<TransformerTensors>(&model.encoder)) {
    std::span<const float> scale;
    transformer->position = reader.weight("encoder.position", {model.max_time, model.channels}, &scale, 1);
    transformer->position_scale = scale.empty() ? 0.0f : scale[0];
    transformer->positioned = reader.activation("encoder.positioned");
    for (std::size_t i = 0; i < transformer->blocks; ++i)
      read_transformer_block(reader, model.channels, *transformer, i);
  }
}

void read_matt_block(Reader& reader, std::size_t channels, DecoderTensors& decoder, std::size_t i) {
  MattBlockTensors& block = decoder.block[i];
  BlockReader parts(reader, "decoder.", i, channels);
  block.norm = parts.activation("norm");
  block.attention = parts.attention();
  block.running = parts.dense("running.weight", "running.bias", channels, channels);
  block.running_code = parts.symmetric("running");
  block.merged = parts.symmetric("merged");
  block.output = parts.output();
  block.feed_forward = parts.feed_forward(decoder.feed_forward);
}

void read_decoder(Reader& reader, std::size_t max_time, std::size_t channels, DecoderTensors& decoder) {
  const auto table = [&](const char* name, std::size_t rows, std::size_t columns, float& scale) {
    std::span<const float> scales;
    const auto codes = reader.weight(name, {rows, columns}, &scales, 1);
    scale = scales.empty() ? 0.0f : scales[0];
    return codes;
  };
  decoder.source_position =
      table("decoder.source.position", max_time, channels, decoder.source_position_scale);
  decoder.source = reader.activation("decoder.source");
  decoder.source_norm = reader.activation("decoder.source.norm");
  decoder.embedding =
      table("decoder.embedding.weight", kVocabulary, decoder.embedding_channels, decoder.embedding_scale);
  decoder.conv.weight =
      reader.weight("decoder.conv.weight", {channels, decoder.window, decoder.embedding_channels},
                    &decoder.conv.scales, channels);
  decoder.conv.bias = reader.bias("decoder.conv.bias", channels, kMaxBias);
  decoder.position = table("decoder.position", decoder.max_length, channels, decoder.position_scale);
  decoder.embedded = reader.activation("decoder.embedded");
  for (std::size_t i = 0; i < decoder.blocks; ++i) read_matt_block(reader, channels, decoder, i);
  decoder.norm = reader.activation("decoder.norm");
  decoder.output.weight =
      reader.weight("decoder.output.weight", {kVocabulary, channels}, &decoder.output.scales, kVocabulary);
  decoder.output.bias = reader.bias("decoder.output.bias", kVocabulary, kMaxBias);
  decoder.logits = reader.activation("decoder.logits");
  decoder.exp = reader.exp_table("decoder.exp");
  decoder.log = reader.tensor<std::int32_t>("decoder.log", {256});
  decoder.lexicon = reader.lexicon("decoder.lexicon", decoder.lexicon_penalty);
}

void read_head(Reader& reader, const file::Model& root, Model& model) {
  model.pooling.norm = reader.activation("pool.norm");
  model.pooling.attention.weight =
      reader.weight("pool.attention.weight", {1, model.channels}, &model.pooling.attention.scales, 1);
  model.pooling.attention_code = reader.symmetric_activation("pool.attention");
  model.pooling.exp = reader.exp_table("pool.exp");
  const std::size_t labels = model.label_count;
  model.head.weight = reader.weight("head.weight", {labels, 2 * model.channels}, &model.head.scales, labels);
  model.head.bias = reader.floats("tensor head.bias", reader.tensor<float>("head.bias", {labels}), labels,
                                  -kMaxFloat, kMaxFloat);
  model.head.sigmoid =
      reader.floats("tensor sigmoid", reader.tensor<float>("sigmoid", {256}), 256, 0.0f, 1.0f);
  const auto& slope = *root.calibration()->slope();
  const auto& offset = *root.calibration()->offset();
  model.head.slope =
      reader.floats("calibration.slope", {slope.data(), slope.size()}, labels, -kMaxFloat, kMaxFloat);
  model.head.offset =
      reader.floats("calibration.offset", {offset.data(), offset.size()}, labels, -kMaxFloat, kMaxFloat);
  model.thresholds.fill(0.5f);
  if (const auto* threshold = root.calibration()->threshold()) {
    const auto values =
        reader.floats("calibration.threshold", {threshold->data(), threshold->size()}, labels, 0.0f, 1.0f);
    if (reader.status().ok()) std::copy(values.begin(), values.end(), model.thresholds.begin());
  }
}

}  // namespace

Result<Model> read_model(std::span<const std::byte> file, Task task) {
  if (reinterpret_cast<std::uintptr_t>(file.data()) % kModelAlignment != 0)
    return Status::error(Code::invalid_argument, {"the model's bytes must be aligned to ", kModelAlignment});
  if (file.size() > kMaxFileBytes)
    return Status::error(Code::over_limit,
                         {"a model of ", file.size(), " bytes; at most ", kMaxFileBytes, " are read"});
  constexpr std::size_t header = 8;  // root offset and identifier
  if (file.size() < header)
    return Status::error(Code::not_a_model, {"not a .byteflow file: only ", file.size(), " bytes"});
  if (!file::ModelBufferHasIdentifier(file.data()))
    return Status::error(Code::not_a_model,
                         {"not a .byteflow file: it does not start with the identifier BFLW"});

  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(file.data()), file.size(),
                                 /*max_depth=*/8, /*max_tables=*/4096);
  if (!file::VerifyModelBuffer(verifier))
    return Status::error(
        Code::invalid_model,
        {"the file is truncated or damaged: its structure does not hold within ", file.size(), " bytes"});
  const file::Model& root = *file::GetModel(file.data());
  if (root.version() != kModelVersion)
    return Status::error(Code::unsupported_version,
                         {"model version ", std::int64_t{root.version()}, "; this build reads version ",
                          std::int64_t{kModelVersion}});
  if (root.encoder_type() < file::Encoder_QrnnEncoder || root.encoder_type() > file::Encoder_MAX)
    return Status::error(Code::unsupported_version, {"encoder kind ", static_cast<int>(root.encoder_type()),
                                                     " is unknown to this build"});

  Model model;
  Reader reader(root);
  read_config(reader, root, model);
  if (!reader.status().ok()) return reader.status();
  const bool classifies = root.head() != nullptr && root.calibration() != nullptr;
  if (classifies == (root.decoder() != nullptr))
    return Status::error(Code::invalid_model,
                         {"the model must have either a head with its calibration or a decoder"});
  if (classifies != (task == Task::classify))
    return Status::error(Code::invalid_argument, {"model ", model.name,
                                                  classifies ? " scores texts; it cannot write any"
                                                             : " writes texts; it cannot score any"});
  model.normalizes = root.normalize();
  if (classifies) read_labels(reader, *root.head(), model);
  read_front_end_config(reader, root, model);
  read_encoder_config(reader, root, model);
  if (const file::MattDecoder* decoder = root.decoder())
    model.decoder = decoder_config(reader, *decoder, model.channels);
  if (!reader.status().ok()) return reader.status();
  read_front_end(reader, model);
  read_encoder(reader, model);
  if (model.decoder) {
    read_decoder(reader, model.max_time, model.channels, *model.decoder);
  } else {
    read_head(reader, root, model);
  }
  if (!reader.status().ok()) return reader.status();
  // Last, so that a fault that can be named is.
  const auto checksum_at =
      static_cast<std::size_t>(reinterpret_cast<const std::byte*>(root.checksum()) - file.data());
  if (checksum(file, checksum_at) != root.checksum()->crc32()) {
    return Status::error(Code::invalid_model, {"the file is damaged: its checksum does not fit its content"});
  }
  return model;
}

}  // namespace byteflow
