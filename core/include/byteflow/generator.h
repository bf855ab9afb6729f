// Writes texts for a text: UTF-8 bytes in, candidates with scores out, a step at a time.
//
//   if (const Status begun = generator.begin(text, options); !begun.ok()) report(begun);
//   while (generator.step()) show(generator.drafts());  // or leave off between steps, with stop()
//   for (const Candidate& found : generator.candidates()) use(found.text, found.score);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "byteflow/limits.h"
#include "byteflow/model.h"
#include "byteflow/search_options.h"
#include "byteflow/status.h"

namespace byteflow {

class GeneratorNetwork;
struct Kernels;

struct Candidate {
  std::span<const std::uint8_t> text;  // well-formed UTF-8
  double score = 0;                    // natural logarithm of its probability, over the length penalty
  bool complete = false;               // or cut, at max_length or by stop()
};

class Generator {
 public:
  // `file` holds a .byteflow model (aligned to kModelAlignment) and must outlive the Generator. `backend` is
  // one of Classifier::backends(). Plans one arena for the longest text that is read, the longest that is
  // written and `max_beams` beams (at most kMaxBeams), packs the weights, and allocates nothing afterwards.
  static Result<Generator> create(std::span<const std::byte> file, std::string_view backend,
                                  std::size_t max_beams = 4, const Limits& limits = {});

  // The same on the first of Classifier::backends(), which is found once.
  static Result<Generator> create(std::span<const std::byte> file, std::size_t max_beams = 4,
                                  const Limits& limits = {});

  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;
  ~Generator();

  // Reads a prefix of at most model().max_bytes bytes of `text` (see byteflow/byte_splitter.h); whatever was
  // written before is forgotten. options.beams is at most max_beams, options.max_length at most
  // model().decoder->max_length. When it fails, there is nothing to step.
  Status begin(std::span<const std::uint8_t> text, const SearchOptions& options);

  // Writes one more byte of each text under way; false when there is none left.
  bool step();

  // Ends early: the texts under way become candidates as they stand.
  void stop();

  // The texts under way as they stand, of whole characters, likeliest first; with one beam the text only
  // grows. Valid until the next call.
  [[nodiscard]] std::span<const Candidate> drafts();

  // Codes of the logits that the last step chose by [rows, 259].
  [[nodiscard]] std::span<const std::int8_t> logits() const;

  // What has been found, best first, complete ones before the others; of a model with a lexicon, a text with a
  // word outside it has lost some of its score. Valid until the next call.
  [[nodiscard]] std::span<const Candidate> candidates();

  [[nodiscard]] const Model& model() const;
  [[nodiscard]] std::string_view backend() const;

 private:
  static Result<Generator> create_on(const Kernels& kernels, std::span<const std::byte> file,
                                     std::size_t max_beams, const Limits& limits);
  explicit Generator(std::unique_ptr<GeneratorNetwork> network);
  std::unique_ptr<GeneratorNetwork> network_;
};

}  // namespace byteflow
