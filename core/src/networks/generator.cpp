#include "byteflow/generator.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>

#include "byteflow/byte_splitter.h"
#include "kernels/backends.h"
#include "model/limits.h"
#include "networks/decoder.h"
#include "networks/text_encoder.h"
#include "networks/work.h"
#include "search/search.h"
#include "text/lexicon.h"

namespace byteflow {

static_assert(kMaxLength <= kMaxTextLength, "the search follows a text to the decoder's end");

// The layers in the order in which a text passes them, and the search that turns the last of them.
class GeneratorNetwork {
 public:
  GeneratorNetwork(const Model& checked_model, const Kernels& chosen_kernels, std::size_t beams)
      : model(checked_model), kernels(chosen_kernels), max_beams_(beams) {}

  Status load(const Limits& limits) {
    const Status loaded = encoder_.load(kernels, model, limits, [this](Arena& arena) { allocate(arena); });
    if (!loaded.ok()) return loaded;
    decoder_.prepare(kernels, model, encoder_.output());
    lexicon_ = Lexicon(model.decoder->lexicon);
    penalty_ = std::rint(model.decoder->lexicon_penalty * 0x1p20f) * 0x1p-20;
    return search_.prepare({model.decoder->exp, model.decoder->log, model.decoder->logits.scale});
  }

  Status begin(std::span<const std::uint8_t> text, const SearchOptions& options) {
    const Status begun = search_.begin(options);
    if (!begun.ok()) return begun;
    const TextEncoder::Times times = encoder_.run(kernels, text);
    decoder_.read(kernels, encoder_.rows(), times.encoder);
    stepped_ = 0;
    return begun;
  }

  bool step() {
    if (search_.rows() == 0) return false;
    stepped_ = search_.rows();
    decoder_.step(kernels, search_.parents(), search_.ids(), logits_.data());
    search_.advance(logits_, {});
    return search_.rows() > 0;
  }

  void stop() { search_.stop(); }

  [[nodiscard]] std::span<const std::int8_t> logits() const { return logits_.first(stepped_ * kVocabulary); }

  std::span<const Candidate> drafts() {
    return read(search_.rows(), [this](std::size_t row) { return search_.draft(row); });
  }

  std::span<const Candidate> candidates() {
    const auto found = search_.hypotheses();
    const auto candidates = read(found.size(), [found](std::size_t i) { return found[i]; });
    return model.decoder->lexicon.empty() ? candidates : weigh(candidates.size());
  }

  const Model model;
  const Kernels& kernels;

 private:
  // Those with words that the lexicon does not know move back.
  std::span<const Candidate> weigh(std::size_t count) {
    const auto better = [](const Candidate& a, const Candidate& b) {
      return a.complete != b.complete ? a.complete : a.score > b.score;
    };
    for (auto at = candidates_.begin(); at != candidates_.begin() + static_cast<std::ptrdiff_t>(count);
         ++at) {
      if (!lexicon_.knows(at->text, word_)) at->score -= penalty_;
      std::rotate(std::upper_bound(candidates_.begin(), at, *at, better), at, at + 1);
    }
    return candidates_.first(count);
  }

  template <typename Texts>
  std::span<const Candidate> read(std::size_t count, Texts text_of) {
    std::span<std::uint8_t> room = texts_;
    for (std::size_t i = 0; i < count; ++i) {
      const Hypothesis found = text_of(i);
      const auto text = search_.read(found.place, room);
      room = room.subspan(text.size());
      candidates_[i] = {text, static_cast<double>(found.score) * 0x1p-20, found.complete};
    }
    return candidates_.first(count);
  }

  void allocate(Arena& arena) {
    const std::size_t max_length = model.decoder->max_length;
    decoder_.allocate(kernels, model, max_beams_, arena);
    search_.allocate(max_beams_, max_length, arena);
    logits_ = arena.take<std::int8_t>(max_beams_ * kVocabulary);
    texts_ = arena.take<std::uint8_t>(max_beams_ * max_length);
    candidates_ = arena.take<Candidate>(max_beams_);
    word_ = arena.take<std::uint8_t>(max_length);
  }

  std::size_t max_beams_;
  TextEncoder encoder_;
  Decoder decoder_;
  Search search_;
  std::span<std::int8_t> logits_;    // [beams, 259]
  std::size_t stepped_ = 0;          // rows of the last step
  std::span<std::uint8_t> texts_;    // one behind the other
  std::span<Candidate> candidates_;  // [beams]
  Lexicon lexicon_;
  double penalty_ = 0;            // in whole units of 2^-20, as scores are
  std::span<std::uint8_t> word_;  // [max_length]
};

Generator::Generator(std::unique_ptr<GeneratorNetwork> network) : network_(std::move(network)) {}
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;
Generator::~Generator() = default;

Result<Generator> Generator::create(std::span<const std::byte> file, std::string_view backend,
                                    std::size_t max_beams, const Limits& limits) {
  const Kernels* kernels = find_backend(backend);
  if (kernels == nullptr)
    return Status::error(Code::invalid_argument,
                         {"backend ", backend, " is not part of this build or cannot run here"});
  return create_on(*kernels, file, max_beams, limits);
}

Result<Generator> Generator::create(std::span<const std::byte> file, std::size_t max_beams,
                                    const Limits& limits) {
  return create_on(best_backend(), file, max_beams, limits);
}

Result<Generator> Generator::create_on(const Kernels& kernels, std::span<const std::byte> file,
                                       std::size_t max_beams, const Limits& limits) {
  if (max_beams < 1 || max_beams > kMaxBeams)
    return Status::error(Code::invalid_argument,
                         {"max_beams must lie between 1 and ", kMaxBeams, ", not at ", max_beams});
  const Result<Model> model = read_model(file, Task::generate);
  if (!model.ok()) return model.status();
  const std::uint64_t step = step_work(model.value(), max_beams);
  const std::uint64_t work = std::max(reading_work(model.value()), step);
  if (work > limits.max_work)
    return Status::error(Code::over_limit, {"model ", model.value().name, " takes ", work,
                                            " multiply-additions for its longest text or a step; at most ",
                                            limits.max_work, " are allowed"});
  const std::uint64_t writing = step * model.value().decoder->max_length;  // below 2^50 * 2^14
  if (writing > limits.max_writing)
    return Status::error(Code::over_limit,
                         {"model ", model.value().name, " takes ", writing,
                          " multiply-additions for the longest text that it writes; at most ",
                          limits.max_writing, " are allowed"});
  std::unique_ptr<GeneratorNetwork> network(new (std::nothrow)
                                                GeneratorNetwork(model.value(), kernels, max_beams));
  if (network == nullptr) return Status::error(Code::out_of_memory, {"no memory for a generator"});
  const Status loaded = network->load(limits);
  if (!loaded.ok()) return loaded;
  return Generator(std::move(network));
}

Status Generator::begin(std::span<const std::uint8_t> text, const SearchOptions& options) {
  return network_->begin(text, options);
}
bool Generator::step() { return network_->step(); }
void Generator::stop() { network_->stop(); }
std::span<const std::int8_t> Generator::logits() const { return network_->logits(); }
std::span<const Candidate> Generator::drafts() { return network_->drafts(); }
std::span<const Candidate> Generator::candidates() { return network_->candidates(); }
const Model& Generator::model() const { return network_->model; }
std::string_view Generator::backend() const { return network_->kernels.name; }

}  // namespace byteflow
