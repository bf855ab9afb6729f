// byteflow::Classifier for JavaScript: bytes in, typed arrays out.

#include <optional>

#include "byteflow/classifier.h"
#include "byteflow/fingerprint.h"
#include "model_binding.h"

namespace byteflow::binding {
namespace {

class ClassifierBinding : public ModelBinding {
 public:
  explicit ClassifierBinding(Buffer<std::uint8_t> file) : ModelBinding(std::move(file)) {}

  static ClassifierBinding* create(std::size_t file_size) {
    return ModelBinding::create<ClassifierBinding>(file_size);
  }

  int load() {
    auto classifier = Classifier::create(file());
    if (!classifier.ok()) return report(classifier.status());
    const Model& model = classifier.value().model();
    logits_ = Buffer<float>::allocate(model.label_count);
    probabilities_ = Buffer<float>::allocate(model.label_count);
    words_ = Buffer<WordWeight>::allocate(max_words_explained(model.max_bytes));
    explanation_ = Buffer<float>::allocate(2 + 3 * words_.size);
    if (!logits_.data || !probabilities_.data || !words_.data || !explanation_.data)
      return report(no_memory(model));
    classifier_.emplace(std::move(classifier.value()));
    return report(describe(*classifier_));
  }

  std::size_t label_count() const { return logits_.size; }
  std::string label(std::size_t index) const {
    return index < label_count() ? std::string(classifier_->model().labels[index]) : std::string();
  }
  Float32Array thresholds() const {  // [labels]
    const float* data = classifier_ ? classifier_->model().thresholds.data() : nullptr;
    return Float32Array(view(std::span(data, label_count())));
  }

  int score(std::size_t length) {
    std::span<const std::uint8_t> text;
    const Status status = read_text(length, text);
    if (!status.ok()) return report(status);
    return report(classifier_->score(text, logits_.span(), probabilities_.span()));
  }

  int explain(std::size_t length, std::size_t label) {
    std::span<const std::uint8_t> text;
    const Status status = read_text(length, text);
    if (!status.ok()) return report(status);
    const auto explanation = classifier_->explain(text, label, words_.span());
    if (!explanation.ok()) return report(explanation.status());
    const auto& [words, rest, logit, probability] = explanation.value();
    float* out = explanation_.data.get();
    *out++ = probability;
    *out++ = rest;
    for (const WordWeight& word : words) {
      *out++ = static_cast<float>(word.begin);  // exact: a text has fewer than 2^24 bytes
      *out++ = static_cast<float>(word.end);
      *out++ = word.weight;
    }
    explanation_length_ = static_cast<std::size_t>(out - explanation_.data.get());
    return report(Status());
  }

  // probability, rest, and the begin, end and weight of each word
  Float32Array explanation() const {
    return Float32Array(view(explanation_.span().first(explanation_length_)));
  }

  Float32Array logits() const { return Float32Array(view(logits_.span())); }                // [labels]
  Float32Array probabilities() const { return Float32Array(view(probabilities_.span())); }  // [labels]

  // Empty where no model has been loaded.
  std::string fingerprint() {
    return classifier_ ? hexadecimal(byteflow::fingerprint(*classifier_)) : std::string();
  }

 private:
  std::optional<Classifier> classifier_;
  Buffer<float> logits_;
  Buffer<float> probabilities_;
  Buffer<WordWeight> words_;
  Buffer<float> explanation_;
  std::size_t explanation_length_ = 0;
};

EMSCRIPTEN_BINDINGS(byteflow_classifier) {
  emscripten::class_<ClassifierBinding, emscripten::base<ModelBinding>>("Classifier")
      .class_function("create", &ClassifierBinding::create, emscripten::allow_raw_pointers())
      .function("load", &ClassifierBinding::load)
      .function("fingerprint", &ClassifierBinding::fingerprint)
      .function("labelCount", &ClassifierBinding::label_count)
      .function("label", &ClassifierBinding::label)
      .function("thresholds", &ClassifierBinding::thresholds)
      .function("score", &ClassifierBinding::score)
      .function("explain", &ClassifierBinding::explain)
      .function("explanation", &ClassifierBinding::explanation)
      .function("logits", &ClassifierBinding::logits)
      .function("probabilities", &ClassifierBinding::probabilities);
}

}  // namespace
}  // namespace byteflow::binding
