#include "networks/front_end.h"

#include <algorithm>
#include <new>

#include "byteflow/byte_splitter.h"
#include "layers/embedding.h"
#include "layers/gbst.h"
#include "layers/projection.h"

namespace byteflow {

namespace {

class ByteFrontEnd final : public FrontEnd {
 public:
  explicit ByteFrontEnd(const ByteFrontEndTensors& tensors) : tensors_(tensors) {}

  void allocate(const Kernels& /*kernels*/, const Model& model, Arena& arena) override {
    max_bytes_ = model.max_bytes;
    const std::size_t max_length = max_bytes_ + 1;  // EOS
    embedding_.allocate(model.channels, tensors_, arena);
    gbst_.allocate(model.channels, tensors_, max_length, arena);
    ids_ = arena.take<std::uint16_t>(max_length);
    bytes_ = arena.take<std::int8_t>(max_length * model.channels);
  }

  void prepare(const Kernels& /*kernels*/) override {
    embedding_.prepare(tensors_);
    gbst_.prepare(tensors_);
  }

  std::size_t run(const Kernels& kernels, std::span<const std::uint8_t> text, std::int8_t* rows) override {
    length_ = split_bytes(text, max_bytes_, ids_);
    embedding_.run(kernels, ids_.first(length_), bytes_.data());
    return gbst_.run(kernels, bytes_.data(), length_, rows);
  }

  void ends(std::span<std::uint32_t> rows) const override {
    const std::size_t text = length_ - 1;  // EOS stands for none of it
    for (std::size_t t = 0; t < rows.size(); ++t)
      rows[t] = static_cast<std::uint32_t>(std::min((t + 1) * tensors_.downsample, text));
    rows.back() = static_cast<std::uint32_t>(text);  // and the tail that the original GBST drops
  }

 private:
  const ByteFrontEndTensors& tensors_;
  std::size_t max_bytes_ = 0, length_ = 1;
  EmbeddingConvolution embedding_;
  Gbst gbst_;
  std::span<std::uint16_t> ids_;  // [length]
  std::span<std::int8_t> bytes_;  // [length, channels]
};

class WordFrontEnd final : public FrontEnd {
 public:
  explicit WordFrontEnd(const WordFrontEndTensors& tensors) : tensors_(tensors) {}

  void allocate(const Kernels& kernels, const Model& model, Arena& arena) override {
    max_bytes_ = model.max_bytes;
    projection_.allocate(kernels, model, tensors_, arena);
  }

  void prepare(const Kernels& kernels) override { projection_.prepare(kernels, tensors_); }

  std::size_t run(const Kernels& kernels, std::span<const std::uint8_t> text, std::int8_t* rows) override {
    return projection_.run(kernels, text.first(prefix_length(text, max_bytes_)), rows);
  }

  void ends(std::span<std::uint32_t> rows) const override {
    std::copy_n(projection_.ends().begin(), rows.size(), rows.begin());
  }

 private:
  const WordFrontEndTensors& tensors_;
  std::size_t max_bytes_ = 0;
  WordProjection projection_;
};

}  // namespace

std::unique_ptr<FrontEnd> make_front_end(const Model& model) {
  FrontEnd* front_end = nullptr;
  if (const auto* bytes = std::get_if<ByteFrontEndTensors>(&model.front_end)) {
    front_end = new (std::nothrow) ByteFrontEnd(*bytes);
  } else if (const auto* words = std::get_if<WordFrontEndTensors>(&model.front_end)) {
    front_end = new (std::nothrow) WordFrontEnd(*words);
  }
  return std::unique_ptr<FrontEnd>(front_end);
}

}  // namespace byteflow
