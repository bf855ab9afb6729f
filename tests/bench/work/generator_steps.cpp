#include "generator_steps.h"

#include "byteflow/byte_splitter.h"

namespace byteflow::bench {

Status GeneratorSteps::load(const Model& model, const Kernels& kernels, std::size_t beams) {
  model_ = model;
  kernels_ = &kernels;
  const Status loaded = encoder_.load(kernels, model_, {}, [&](Arena& arena) {
    decoder_.allocate(kernels, model_, beams, arena);
    logits_ = arena.take<std::int8_t>(beams * kVocabulary);
  });
  if (loaded.ok()) decoder_.prepare(kernels, model_, encoder_.output());
  return loaded;
}

void GeneratorSteps::begin(std::span<const std::uint8_t> text) {
  const TextEncoder::Times times = encoder_.run(*kernels_, text);
  decoder_.read(*kernels_, encoder_.rows(), times.encoder);
}

std::span<const std::int8_t> GeneratorSteps::step(std::span<const std::uint16_t> parents,
                                                  std::span<const std::uint16_t> ids) {
  decoder_.step(*kernels_, parents, ids, logits_.data());
  return logits_.first(ids.size() * kVocabulary);
}

// An output layer of ones on its diagonal, at the scale and zero point of the rows, gives the rows' own
// codes.
Status UnroundedSteps::load(const Model& model, const Kernels& kernels, std::size_t beams) {
  channels_ = model.channels;
  if (channels_ > kVocabulary)
    return Status::error(Code::invalid_argument, {"model ", model.name, " has ", channels_,
                                                  " channels; at most ", kVocabulary, " pass for logits"});
  rows_ = model.decoder->norm;
  output_ = model.decoder->output;
  identity_.assign(kVocabulary * channels_ + kSlack, 0);
  for (std::size_t c = 0; c < channels_; ++c) identity_[c * channels_ + c] = 1;
  ones_.assign(kVocabulary, 1.0f);
  zeros_.assign(kVocabulary, 0);
  Model bare = model;
  bare.decoder->output = {std::span(identity_).first(kVocabulary * channels_), ones_, zeros_};
  bare.decoder->logits = rows_;
  return steps_.load(bare, kernels, beams);
}

std::span<const float> UnroundedSteps::step(std::span<const std::uint16_t> parents,
                                            std::span<const std::uint16_t> ids) {
  const std::int8_t* row = steps_.step(parents, ids).data();
  logits_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i, row += kVocabulary) {
    for (std::size_t id = 0; id < kVocabulary; ++id) {
      const std::int8_t* const weight = &output_.weight[id * channels_];
      std::int32_t sum = output_.bias[id];
      for (std::size_t c = 0; c < channels_; ++c) sum += (row[c] - rows_.zero_point) * weight[c];
      logits_.push_back(static_cast<float>(sum) * (rows_.scale * output_.scales[id]));
    }
  }
  return logits_;
}

}  // namespace byteflow::bench
