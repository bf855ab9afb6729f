// A `.byteflow` file as typed views into the caller's bytes (schema: core/src/model/model.fbs; meaning:
// core/src/quant/README.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "byteflow/status.h"

namespace byteflow {

inline constexpr std::uint32_t kModelVersion = 1;
inline constexpr std::size_t kModelAlignment = 64;  // of the file's first byte in memory: one cache line
inline constexpr std::size_t kMaxBlocks = 16;
inline constexpr std::size_t kMaxLabels = 64;
inline constexpr std::size_t kMaxBlockWidths = 8;

// real = scale * (code - zero_point)
struct Activation {
  float scale = 0;
  std::int32_t zero_point = 0;
};

struct Dense {
  std::span<const std::int8_t> weight;  // [outputs, inputs]
  std::span<const float> scales;        // [outputs]
  std::span<const std::int32_t> bias;   // [outputs]; empty where a layer has none
};

struct EmbeddingTensors {
  std::span<const std::int8_t> weight;  // [259, embedding channels]
  float scale = 0;
  Dense conv;                               // [channels, conv width * embedding channels]
  std::span<const std::int8_t> activation;  // [256]
  Activation pre, out;
};

// How the block widths are weighed (core/src/quant/README.md section 3).
enum class GbstForm : std::uint8_t { softmax = 0, calibrated = 1, original = 2 };

struct GbstTensors {
  GbstForm form = GbstForm::softmax;
  Dense score;                                 // [block widths, channels]
  std::span<const std::uint16_t> exp;          // [256]
  std::span<const std::uint16_t> calibration;  // [256]; empty unless `form` is calibrated
  Activation score_code, out;
};

struct ByteFrontEndTensors {
  std::size_t embedding_channels = 0;
  std::size_t conv_width = 0;
  std::span<const std::uint8_t> block_widths;
  std::size_t downsample = 0;
  EmbeddingTensors embedding;
  GbstTensors gbst;
};

struct WordFrontEndTensors {
  std::size_t features = 0;
  Dense projection;                         // [channels, features]
  std::span<const std::int8_t> activation;  // [256]
  Activation pre, out;
};

struct QrnnBlockTensors {
  Activation norm;
  Dense gates;                                          // [gate_sets * 3 gates * state, window * channels]
  std::array<Activation, 3> gate_codes;                 // z, f, o
  std::array<std::span<const std::int16_t>, 3> tables;  // z, f, o: [256]
  Dense projection;                                     // [channels, 2 * state]
  Activation residual;
};

struct QrnnTensors {
  std::size_t blocks = 0;
  std::size_t state = 0;
  std::size_t window = 0;
  std::size_t gate_sets = 2;                       // one a direction, or one that both pool
  std::array<QrnnBlockTensors, kMaxBlocks> block;  // the first `blocks`
};

struct AttentionTensors {
  Dense query, key, value;                                           // [channels, channels]
  Activation query_code, key_code, value_code, score_code, context;  // zero point 0
  std::span<const std::uint16_t> exp;                                // [256]
};

struct FeedForwardTensors {
  Activation input, norm;  // of the rows that come in, and of these after LayerNorm
  Dense up;                // [feed_forward, channels]
  Activation up_code, hidden;
  std::span<const std::int8_t> activation;  // [256]
  Dense down;                               // [channels, feed_forward]
  Activation output;
};

struct TransformerBlockTensors {
  std::size_t pool = 1;  // rows that make one query
  Activation pooled;     // where `pool` is above 1
  Activation norm;
  AttentionTensors attention;
  Dense output;  // [channels, channels]
  FeedForwardTensors feed_forward;
};

// Funnel is Transformer with a `pool` above 1 somewhere.
struct TransformerTensors {
  std::size_t blocks = 0;
  std::size_t heads = 0;
  std::size_t feed_forward = 0;
  std::span<const std::int8_t> position;  // [max_time, channels]
  float position_scale = 0;
  Activation positioned;
  std::array<TransformerBlockTensors, kMaxBlocks> block;  // the first `blocks`
};

struct MattBlockTensors {
  Activation norm;
  AttentionTensors attention;
  Dense running;                    // [channels, channels]
  Activation running_code, merged;  // zero point 0
  Dense output;                     // [channels, channels]
  FeedForwardTensors feed_forward;
};

struct DecoderTensors {
  std::size_t max_length = 0;
  std::size_t embedding_channels = 0;
  std::size_t window = 0;
  std::size_t blocks = 0;
  std::size_t heads = 0;
  std::size_t feed_forward = 0;

  std::span<const std::int8_t> source_position;  // [max_time, channels]
  float source_position_scale = 0;
  Activation source, source_norm;

  std::span<const std::int8_t> embedding;  // [259, embedding channels]
  float embedding_scale = 0;
  Dense conv;                             // [channels, window * embedding channels]
  std::span<const std::int8_t> position;  // [max_length, channels]
  float position_scale = 0;
  Activation embedded;

  std::array<MattBlockTensors, kMaxBlocks> block;  // the first `blocks`

  Activation norm;
  Dense output;  // [259, channels]
  Activation logits;
  std::span<const std::uint16_t> exp;  // [256]
  std::span<const std::int32_t> log;   // [256]

  std::span<const std::int8_t> lexicon;  // [a power of two of bytes]; empty: there is none
  float lexicon_penalty = 0;             // of the score of a text that has a word outside it
};

struct PoolingTensors {
  Activation norm, attention_code;
  Dense attention;                     // [1, channels]
  std::span<const std::uint16_t> exp;  // [256]
};

struct HeadTensors {
  std::span<const std::int8_t> weight;   // [labels, 2 * channels]
  std::span<const float> scales;         // [labels]
  std::span<const float> bias;           // [labels]
  std::span<const float> sigmoid;        // [256]
  std::span<const float> slope, offset;  // [labels]
};

struct Model {
  std::string_view name;
  float norm_epsilon = 0;

  std::size_t max_bytes = 0;
  std::size_t channels = 0;
  std::size_t max_time = 0;  // rows that the front end makes of the longest text
  Activation rows;           // of these rows
  bool normalizes = false;   // a text is read by its letters (core/src/quant/README.md section 1)

  std::size_t label_count = 0;
  std::array<std::string_view, kMaxLabels> labels;
  std::array<float, kMaxLabels> thresholds = {};  // suggested: the probability from which on a label counts

  std::variant<ByteFrontEndTensors, WordFrontEndTensors> front_end;
  std::variant<QrnnTensors, TransformerTensors> encoder;

  // Of a classifier; without labels in a generator.
  PoolingTensors pooling;
  HeadTensors head;

  std::optional<DecoderTensors> decoder;  // of a generator
};

// What a model is for.
enum class Task : std::uint8_t { classify, generate };

// Checks everything and copies nothing: `file` must be aligned to kModelAlignment and outlive the Model.
// After it, no value in the Model can make a layer overflow, divide by zero or read outside its tensors. A
// model for another task is refused.
Result<Model> read_model(std::span<const std::byte> file, Task task = Task::classify);

}  // namespace byteflow
