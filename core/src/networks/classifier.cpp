#include "byteflow/classifier.h"

#include <array>
#include <new>

#include "byteflow/byte_splitter.h"
#include "kernels/backends.h"
#include "layers/head.h"
#include "layers/pooling.h"
#include "layers/relevance.h"
#include "networks/text_encoder.h"
#include "networks/work.h"

namespace byteflow {

// The layers in the order in which a text passes them.
class ClassifierNetwork {
 public:
  ClassifierNetwork(const Model& checked_model, const Kernels& chosen_kernels)
      : model(checked_model), kernels(chosen_kernels) {}

  Status load(const Limits& limits) {
    const Status loaded = encoder_.load(kernels, model, limits, [this](Arena& arena) { allocate(arena); });
    if (loaded.ok()) pooling_.prepare(model, encoder_.output());
    return loaded;
  }

  void score(std::span<const std::uint8_t> text, std::span<float> logits, std::span<float> probabilities) {
    encode(text);
    run_head(model, pooled_, logits, probabilities);
  }

  Explanation explain(std::span<const std::uint8_t> text, std::size_t label, std::span<WordWeight> words) {
    text = text.first(prefix_length(text, model.max_bytes));
    const std::size_t time = encode(text);
    const auto shares = pooling_.shares().first(encoder_.ends(relevance_.ends().first(time)));
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
    const TextEncoder::Times times = encoder_.run(kernels, text);
    pooling_.run(kernels, encoder_.rows(), times.encoder, pooled_);
    return times.front_end;
  }

  void allocate(Arena& arena) {
    pooling_.allocate(model, arena);
    relevance_.allocate(model, arena);
    pooled_ = arena.take<std::int32_t>(2 * model.channels);
  }

  TextEncoder encoder_;
  AttentionMaxPooling pooling_;
  Relevance relevance_;
  std::span<std::int32_t> pooled_;  // [2 * channels]
};

Classifier::Classifier(std::unique_ptr<ClassifierNetwork> network) : network_(std::move(network)) {}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

std::span<const std::string_view> Classifier::backends() { return backend_names(); }

Result<Classifier> Classifier::create(std::span<const std::byte> file, std::string_view backend,
                                      const Limits& limits) {
  const Kernels* kernels = find_backend(backend);
  if (kernels == nullptr)
    return Status::error(Code::invalid_argument,
                         {"backend ", backend, " is not part of this build or cannot run here"});
  return create_on(*kernels, file, limits);
}

Result<Classifier> Classifier::create(std::span<const std::byte> file, const Limits& limits) {
  return create_on(best_backend(), file, limits);
}

Result<Classifier> Classifier::create_on(const Kernels& kernels, std::span<const std::byte> file,
                                         const Limits& limits) {
  const Result<Model> model = read_model(file);
  if (!model.ok()) return model.status();
  if (const std::uint64_t work = reading_work(model.value()); work > limits.max_work)
    return Status::error(Code::over_limit, {"model ", model.value().name, " takes ", work,
                                            " multiply-additions for its longest text; at most ",
                                            limits.max_work, " are allowed"});
  std::unique_ptr<ClassifierNetwork> network(new (std::nothrow) ClassifierNetwork(model.value(), kernels));
  if (network == nullptr) return Status::error(Code::out_of_memory, {"no memory for a classifier"});
  const Status loaded = network->load(limits);
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
