#include "networks/work.h"

#include "byteflow/byte_splitter.h"

namespace byteflow {

namespace {

// Each product is below 2^14 * 2^14 * 2^10 * 2^8, and some dozens of them are added.
using Count = std::uint64_t;

// What no kernel does goes one by one, where a kernel does eight at a time.
constexpr Count kPlain = 8;

Count front_end_work(const Model& model) {
  const Count channels = model.channels;
  if (const auto* words = std::get_if<WordFrontEndTensors>(&model.front_end))
    return Count{model.max_time} * words->features * channels;
  const auto& bytes = std::get<ByteFrontEndTensors>(model.front_end);
  const Count length = model.max_bytes + 1, widths = bytes.block_widths.size();
  // Made once, as ids are first seen.
  const Count table = Count{kVocabulary} * bytes.conv_width * bytes.embedding_channels * channels;
  const Count convolved = length * channels * (bytes.conv_width + widths + 1);
  // A position's share reaches as far as its block does: 16 positions at most.
  const Count shared = kPlain * length * widths * 16;
  const Count alike = bytes.gbst.form == GbstForm::calibrated ? kPlain * 4 * length * length * widths : 0;
  return table + convolved + shared + alike;
}

Count attention_work(Count queries, Count time, Count channels, Count heads) {
  return queries * time * (2 * channels + kPlain * heads);  // products, and softmaxes
}

Count feed_forward_work(Count rows, Count channels, Count width) { return rows * width * (2 * channels + 1); }

Count encoder_work(const Model& model) {
  const Count channels = model.channels;
  Count time = model.max_time, work = 0;
  if (const auto* qrnn = std::get_if<QrnnTensors>(&model.encoder)) {
    const Count state = qrnn->state, sets = qrnn->gate_sets;
    return qrnn->blocks * time * state * channels * (3 * sets * qrnn->window + 2);
  }
  const auto& transformer = std::get<TransformerTensors>(model.encoder);
  for (std::size_t i = 0; i < transformer.blocks; ++i) {
    const Count pool = transformer.block[i].pool, queries = (time + pool - 1) / pool;
    work += 2 * (time + queries) * channels * channels +
            attention_work(queries, time, channels, transformer.heads) +
            feed_forward_work(queries, channels, transformer.feed_forward);
    time = queries;
  }
  return work;
}

}  // namespace

std::uint64_t reading_work(const Model& model) {
  const Count channels = model.channels, time = model.max_time;
  const Count keys = model.decoder ? model.decoder->blocks * 2 * time * channels * channels : 0;
  return front_end_work(model) + encoder_work(model) + keys;
}

std::uint64_t step_work(const Model& model, std::size_t rows) {
  const DecoderTensors& decoder = *model.decoder;
  const Count channels = model.channels, count = rows;
  const Count block = 3 * count * channels * channels +
                      attention_work(count, model.max_time, channels, decoder.heads) +
                      feed_forward_work(count, channels, decoder.feed_forward);
  return count * decoder.window * decoder.embedding_channels * channels + decoder.blocks * block +
         count * kVocabulary * channels;
}

}  // namespace byteflow
