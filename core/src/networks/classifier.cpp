#include "byteflow/classifier.h"

#include <array>
#include <new>

#include "byteflow/byte_splitter.h"
#include "kernels/backends.h"
#include "layers/head.h"
#include "layers/pooling.h"
#include "layers/relevance.h"
#include "memory/arena.h"
#include "networks/encoder.h"
#include "networks/front_end.h"

namespace byteflow {

// The layers in the order in which a text passes them.
class ClassifierNetwork {
 public:
  ClassifierNetwork(const Model& checked_model, const Kernels& chosen_kernels)
      : model(checked_model), kernels(chosen_kernels) {}

  Status load() {
    front_end_ = make_front_end(model);
    encoder_ = make_encoder(model);
    const bool made = front_end_ != nullptr && encoder_ != nullptr;
    Arena counting;
    if (made) allocate(counting);
    if (made) memory_ = allocate_aligned(counting.used());
    if (memory_ == nullptr)
      return Status::error(Code::out_of_memory, {"model ", model.name, " needs ", counting.used(),
                                                 " bytes of memory, which could not be had"});
    Arena arena(memory_.get());
    allocate(arena);
    front_end_->prepare(kernels);
    encoder_->prepare(kernels, model);
    pooling_.prepare(model, encoder_->output());
    return {};
  }

  void score(std::span<const std::uint8_t> text, std::span<float> logits, std::span<float> probabilities) {
    encode(text);
    run_head(model, pooled_, logits, probabilities);
  }

  Explanation explain(std::span<const std::uint8_t> text, std::size_t label, std::span<WordWeight> words) {
    text = text.first(prefix_length(text, model.max_bytes));
    const std::size_t time = encode(text);
    const auto ends = relevance_.ends().first(time);
    front_end_->ends(ends);
    const auto shares = pooling_.shares().first(encoder_->pool(ends));
    Explanation explanation;
    std::array<float, kMaxLabels> logits, probabilities;
    run_head(model, pooled_, std::span(logits).first(model.label_count), probabilities);
    explanation.logit = logits[label];
    explanation.probability = probabilities[label];
    explanation.words =
        relevance_.run(model, label, text, pooling_.normed(), shares, words, explanation.rest);
    return explanation;
  }

  const Model model;
  const Kernels& kernels;

 private:
  // Fills pooled_; returns the rows that the front end has made.
  std::size_t encode(std::span<const std::uint8_t> text) {
    const std::size_t time = front_end_->run(kernels, text, rows_.data());
    pooling_.run(kernels, rows_.data(), encoder_->run(kernels, rows_.data(), time), pooled_);
    return time;
  }

  void allocate(Arena& arena) {
    front_end_->allocate(kernels, model, arena);
    encoder_->allocate(kernels, model, arena);
    pooling_.allocate(model, arena);
    relevance_.allocate(model, arena);
    rows_ = arena.take<std::int8_t>(model.max_time * model.channels);
    pooled_ = arena.take<std::int32_t>(2 * model.channels);
  }

  AlignedMemory memory_;
  std::unique_ptr<FrontEnd> front_end_;
  std::unique_ptr<Encoder> encoder_;
  AttentionMaxPooling pooling_;
  Relevance relevance_;
  std::span<std::int8_t> rows_;     // [time, channels]
  std::span<std::int32_t> pooled_;  // [2 * channels]
};

Classifier::Classifier(std::unique_ptr<ClassifierNetwork> network) : network_(std::move(network)) {}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

std::span<const std::string_view> Classifier::backends() { return backend_names(); }

Result<Classifier> Classifier::create(std::span<const std::byte> file, std::string_view backend) {
  const Kernels* kernels = find_backend(backend);
  if (kernels == nullptr)
    return Status::error(Code::invalid_argument,
                         {"backend ", backend, " is not part of this build or cannot run here"});
  const Result<Model> model = read_model(file);
  if (!model.ok()) return model.status();
  std::unique_ptr<ClassifierNetwork> network(new (std::nothrow) ClassifierNetwork(model.value(), *kernels));
  if (network == nullptr) return Status::error(Code::out_of_memory, {"no memory for a classifier"});
  const Status loaded = network->load();
  if (!loaded.ok()) return loaded;
  return Classifier(std::move(network));
}

Status Classifier::score(std::span<const std::uint8_t> text, std::span<float> logits,
                         std::span<float> probabilities) {
  const std::size_t labels = model().label_count;
  if (logits.size() != labels || probabilities.size() != labels)
    return Status::error(Code::invalid_argument,
                         {"model ", model().name, " has ", labels, " labels, but room was given for ",
                          logits.size(), " logits and ", probabilities.size(), " probabilities"});
  network_->score(text, logits, probabilities);
  return {};
}

Result<Explanation> Classifier::explain(std::span<const std::uint8_t> text, std::size_t label,
                                        std::span<WordWeight> words) {
  if (label >= model().label_count)
    return Status::error(Code::invalid_argument, {"model ", model().name, " has ", model().label_count,
                                                  " labels, and none of number ", label});
  const std::size_t needed = max_words_explained(prefix_length(text, model().max_bytes));
  if (words.size() < needed)
    return Status::error(Code::invalid_argument, {"room was given for ", words.size(), " words; a text of ",
                                                  text.size(), " bytes may have ", needed});
  return network_->explain(text, label, words);
}

const Model& Classifier::model() const { return network_->model; }
std::string_view Classifier::backend() const { return network_->kernels.name; }

}  // namespace byteflow
