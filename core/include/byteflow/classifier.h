// Scores a text: UTF-8 bytes in, one logit and one probability a label out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "byteflow/explanation.h"
#include "byteflow/limits.h"
#include "byteflow/model.h"
#include "byteflow/status.h"

namespace byteflow {

class ClassifierNetwork;
struct Kernels;

class Classifier {
 public:
  // `file` holds a .byteflow model (aligned to kModelAlignment) and must outlive the Classifier. `backend` is
  // one of backends(). Plans one arena for the longest text, packs the weights, and allocates nothing
  // afterwards.
  static Result<Classifier> create(std::span<const std::byte> file, std::string_view backend,
                                   const Limits& limits = {});

  // The same on the first of backends(), which is found once.
  static Result<Classifier> create(std::span<const std::byte> file, const Limits& limits = {});

  // Names of the kernels of this build that run here, fastest first. `relaxed` is among them only where a
  // check of the real kernel shows that the engine's relaxed dot product is exact; asking costs that check,
  // some tenths of a millisecond.
  static std::span<const std::string_view> backends();

  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;
  ~Classifier();

  // `text` is UTF-8; bytes that are not are read as they stand. Only a prefix of at most model().max_bytes
  // bytes is read (see byteflow/byte_splitter.h). `logits` and `probabilities` have model().label_count
  // entries.
  Status score(std::span<const std::uint8_t> text, std::span<float> logits, std::span<float> probabilities);

  // Which words of a text raise the label's logit, and which lower it, for little more than the time of a
  // score (core/src/quant/README.md section 10). `words` has room for max_words_explained(bytes) of them,
  // `bytes` being those that are read.
  Result<Explanation> explain(std::span<const std::uint8_t> text, std::size_t label,
                              std::span<WordWeight> words);

  [[nodiscard]] const Model& model() const;
  [[nodiscard]] std::string_view backend() const;

 private:
  static Result<Classifier> create_on(const Kernels& kernels, std::span<const std::byte> file,
                                      const Limits& limits);
  explicit Classifier(std::unique_ptr<ClassifierNetwork> network);
  std::unique_ptr<ClassifierNetwork> network_;
};

}  // namespace byteflow
