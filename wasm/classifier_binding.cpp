// byteflow::Classifier for JavaScript: bytes in, typed arrays out. Every view is into the module's memory and valid until the next call.

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "byteflow/classifier.h"

namespace {

using byteflow::Code;
using byteflow::Status;

EMSCRIPTEN_DECLARE_VAL_TYPE(Uint8Array)
EMSCRIPTEN_DECLARE_VAL_TYPE(Float32Array)

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

template <typename T>
struct Buffer {
  std::unique_ptr<T[], Free> data;
  std::size_t size = 0;

  // Holds `count` elements, or is empty when memory is lacking.
  static Buffer allocate(std::size_t count) {
    // aligned_alloc wants a multiple of the alignment, and at least one.
    const std::size_t bytes = (count * sizeof(T) / byteflow::kModelAlignment + 1) * byteflow::kModelAlignment;
    Buffer buffer;
    buffer.data.reset(static_cast<T*>(std::aligned_alloc(byteflow::kModelAlignment, bytes)));
    buffer.size = buffer.data ? count : 0;
    return buffer;
  }

  std::span<T> span() const { return {data.get(), size}; }
  emscripten::val view() const { return emscripten::val(emscripten::typed_memory_view(size, data.get())); }
};

class ClassifierBinding {
 public:
  // Null when memory is lacking.
  static ClassifierBinding* create(std::size_t model_size) {
    auto model = Buffer<std::uint8_t>::allocate(model_size);
    if (!model.data) return nullptr;
    return new (std::nothrow) ClassifierBinding(std::move(model));
  }

  // To be filled before load.
  Uint8Array model_buffer() const { return Uint8Array(model_.view()); }

  int load() {
    auto classifier = byteflow::Classifier::create(std::as_bytes(model_.span()));
    if (!classifier.ok()) return report(classifier.status());
    const byteflow::Model& model = classifier.value().model();
    // 4 bytes more than is read: room for a whole UTF-8 character at the cut, so that a longer text is seen to be longer.
    text_ = Buffer<std::uint8_t>::allocate(model.max_bytes + 4);
    logits_ = Buffer<float>::allocate(model.label_count);
    probabilities_ = Buffer<float>::allocate(model.label_count);
    words_ = Buffer<byteflow::WordWeight>::allocate(byteflow::max_words_explained(model.max_bytes));
    explanation_ = Buffer<float>::allocate(2 + 3 * words_.size);
    if (!text_.data || !logits_.data || !probabilities_.data || !words_.data || !explanation_.data) {
      return report(Status::error(Code::out_of_memory, {"no memory for a text of ", model.max_bytes, " bytes"}));
    }
    classifier_.emplace(std::move(classifier.value()));
    return report(Status());
  }

  // Why the latest load, score or explain failed; empty when it did not.
  std::string error_message() const { return std::string(status_.message()); }

  std::string name() const { return classifier_ ? std::string(classifier_->model().name) : std::string(); }
  std::size_t label_count() const { return logits_.size; }
  std::string label(std::size_t index) const {
    return index < label_count() ? std::string(classifier_->model().labels[index]) : std::string();
  }
  std::size_t max_bytes() const { return classifier_ ? classifier_->model().max_bytes : 0; }
  Float32Array thresholds() const {  // [labels]
    const float* data = classifier_ ? classifier_->model().thresholds.data() : nullptr;
    return Float32Array(emscripten::val(emscripten::typed_memory_view(label_count(), data)));
  }
  std::string backend() const { return classifier_ ? std::string(classifier_->backend()) : std::string(); }

  // UTF-8 goes here before score and explain.
  Uint8Array text_buffer() const { return Uint8Array(text_.view()); }

  int score(std::size_t length) {
    const Status status = check(length);
    if (!status.ok()) return report(status);
    return report(classifier_->score(text_.span().first(length), logits_.span(), probabilities_.span()));
  }

  int explain(std::size_t length, std::size_t label) {
    const Status status = check(length);
    if (!status.ok()) return report(status);
    const auto explanation = classifier_->explain(text_.span().first(length), label, words_.span());
    if (!explanation.ok()) return report(explanation.status());
    const auto& [words, rest, logit, probability] = explanation.value();
    float* out = explanation_.data.get();
    *out++ = probability;
    *out++ = rest;
    for (const byteflow::WordWeight& word : words) {
      *out++ = static_cast<float>(word.begin);  // exact: a text has fewer than 2^24 bytes
      *out++ = static_cast<float>(word.end);
      *out++ = word.weight;
    }
    explanation_length_ = static_cast<std::size_t>(out - explanation_.data.get());
    return report(Status());
  }

  // probability, rest, and the begin, end and weight of each word
  Float32Array explanation() const {
    return Float32Array(emscripten::val(emscripten::typed_memory_view(explanation_length_, explanation_.data.get())));
  }

  Float32Array logits() const { return Float32Array(logits_.view()); }                // [labels]
  Float32Array probabilities() const { return Float32Array(probabilities_.view()); }  // [labels]

 private:
  explicit ClassifierBinding(Buffer<std::uint8_t> model) : model_(std::move(model)) {}

  Status check(std::size_t length) const {
    if (!classifier_) return Status::error(Code::invalid_argument, {"no model has been loaded"});
    if (length <= text_.size) return {};
    return Status::error(Code::invalid_argument,
                         {"a text of ", length, " bytes exceeds the text buffer of ", text_.size});
  }

  int report(const Status& status) {
    status_ = status;
    return static_cast<int>(status.code());
  }

  Buffer<std::uint8_t> model_;  // outlives classifier_, which reads it in place
  std::optional<byteflow::Classifier> classifier_;
  Buffer<std::uint8_t> text_;
  Buffer<float> logits_;
  Buffer<float> probabilities_;
  Buffer<byteflow::WordWeight> words_;
  Buffer<float> explanation_;
  std::size_t explanation_length_ = 0;
  Status status_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(byteflow) {
  emscripten::register_type<Uint8Array>("Uint8Array");
  emscripten::register_type<Float32Array>("Float32Array");
  emscripten::class_<ClassifierBinding>("Classifier")
      .class_function("create", &ClassifierBinding::create, emscripten::allow_raw_pointers())
      .function("modelBuffer", &ClassifierBinding::model_buffer)
      .function("load", &ClassifierBinding::load)
      .function("errorMessage", &ClassifierBinding::error_message)
      .function("name", &ClassifierBinding::name)
      .function("labelCount", &ClassifierBinding::label_count)
      .function("label", &ClassifierBinding::label)
      .function("maxBytes", &ClassifierBinding::max_bytes)
      .function("thresholds", &ClassifierBinding::thresholds)
      .function("backend", &ClassifierBinding::backend)
      .function("textBuffer", &ClassifierBinding::text_buffer)
      .function("score", &ClassifierBinding::score)
      .function("explain", &ClassifierBinding::explain)
      .function("explanation", &ClassifierBinding::explanation)
      .function("logits", &ClassifierBinding::logits)
      .function("probabilities", &ClassifierBinding::probabilities);
}
