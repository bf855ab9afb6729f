// byteflow::Generator for JavaScript: bytes in, a step a call, typed arrays out.

#include <algorithm>
#include <optional>

#include "byteflow/generator.h"
#include "byteflow/fingerprint.h"
#include "model_binding.h"

namespace byteflow::binding {
namespace {

class GeneratorBinding : public ModelBinding {
 public:
  explicit GeneratorBinding(Buffer<std::uint8_t> file) : ModelBinding(std::move(file)) {}

  static GeneratorBinding* create(std::size_t file_size) {
    return ModelBinding::create<GeneratorBinding>(file_size);
  }

  int load() {
    auto generator = Generator::create(file(), kMaxBeams);
    if (!generator.ok()) return report(generator.status());
    const Model& model = generator.value().model();
    bytes_ = Buffer<std::uint8_t>::allocate(kMaxBeams * model.decoder->max_length);
    texts_ = Buffer<double>::allocate(kMaxBeams * kNumbersOfText);
    if (!bytes_.data || !texts_.data) return report(no_memory(model));
    generator_.emplace(std::move(generator.value()));
    return report(describe(*generator_));
  }

  std::size_t max_length() const { return generator_ ? generator_->model().decoder->max_length : 0; }
  std::size_t max_beams() const { return kMaxBeams; }

  int begin(std::size_t length, std::size_t beams, std::size_t max_length, float length_penalty) {
    SearchOptions options;
    options.beams = beams;
    options.max_length = max_length;
    options.length_penalty = length_penalty;
    return start(length, options);
  }

  // `seed` is a whole number.
  int begin_sampling(std::size_t length, std::size_t beams, std::size_t max_length, float length_penalty,
                     float temperature, std::size_t top_k, float top_p, double seed) {
    SearchOptions options;
    options.strategy = Strategy::sample;
    options.beams = beams;
    options.max_length = max_length;
    options.length_penalty = length_penalty;
    options.temperature = temperature;
    options.top_k = top_k;
    options.top_p = top_p;
    options.seed = static_cast<std::uint64_t>(seed);
    return start(length, options);
  }

  bool step() { return generator_ && generator_->step(); }

  // Of each text, likeliest first: its length, its score, and 1 where it is complete. The bytes are in
  // texts().
  Float64Array candidates() { return list(&Generator::candidates); }  // [found, 3]
  Float64Array drafts() { return list(&Generator::drafts); }          // [under way, 3]

  // The texts of candidates() or drafts(), whichever was called last, one behind the other.
  Uint8Array texts() const { return Uint8Array(view(bytes_.span().first(length_))); }

  // Empty where no model has been loaded.
  std::string fingerprint() {
    return generator_ ? hexadecimal(byteflow::fingerprint(*generator_)) : std::string();
  }

 private:
  static constexpr std::size_t kNumbersOfText = 3;

  int start(std::size_t length, const SearchOptions& options) {
    std::span<const std::uint8_t> text;
    const Status status = read_text(length, text);
    if (!status.ok()) return report(status);
    return report(generator_->begin(text, options));
  }

  Float64Array list(std::span<const Candidate> (Generator::*texts_of)()) {
    std::span<const Candidate> texts;
    if (generator_) texts = ((*generator_).*texts_of)();
    double* out = texts_.data.get();
    length_ = 0;
    for (const Candidate& text : texts) {
      std::copy(text.text.begin(), text.text.end(), bytes_.data.get() + length_);
      length_ += text.text.size();
      *out++ = static_cast<double>(text.text.size());
      *out++ = text.score;
      *out++ = text.complete ? 1 : 0;
    }
    return Float64Array(view(texts_.span().first(kNumbersOfText * texts.size())));
  }

  std::optional<Generator> generator_;
  Buffer<std::uint8_t> bytes_;
  Buffer<double> texts_;
  std::size_t length_ = 0;  // of bytes_
};

EMSCRIPTEN_BINDINGS(byteflow_generator) {
  emscripten::class_<GeneratorBinding, emscripten::base<ModelBinding>>("Generator")
      .class_function("create", &GeneratorBinding::create, emscripten::allow_raw_pointers())
      .function("load", &GeneratorBinding::load)
      .function("fingerprint", &GeneratorBinding::fingerprint)
      .function("maxLength", &GeneratorBinding::max_length)
      .function("maxBeams", &GeneratorBinding::max_beams)
      .function("begin", &GeneratorBinding::begin)
      .function("beginSampling", &GeneratorBinding::begin_sampling)
      .function("step", &GeneratorBinding::step)
      .function("candidates", &GeneratorBinding::candidates)
      .function("drafts", &GeneratorBinding::drafts)
      .function("texts", &GeneratorBinding::texts);
}

}  // namespace
}  // namespace byteflow::binding
