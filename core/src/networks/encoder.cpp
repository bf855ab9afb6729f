#include "networks/encoder.h"

#include <algorithm>
#include <new>

#include "layers/positions.h"
#include "layers/qrnn.h"
#include "layers/transformer.h"

namespace byteflow {

namespace {

class QrnnEncoder final : public Encoder {
 public:
  explicit QrnnEncoder(const QrnnTensors& tensors) : tensors_(tensors) {}

  void allocate(const Kernels& kernels, const Model& model, Arena& arena) override {
    scratch_.allocate(kernels, model, tensors_, arena);
    for (std::size_t i = 0; i < tensors_.blocks; ++i) blocks_[i].allocate(kernels, model, tensors_, arena);
  }

  void prepare(const Kernels& kernels, const Model& model) override {
    for (std::size_t i = 0; i < tensors_.blocks; ++i) blocks_[i].prepare(kernels, model, tensors_, i);
  }

  std::size_t run(const Kernels& kernels, std::int8_t* x, std::size_t time) override {
    for (std::size_t i = 0; i < tensors_.blocks; ++i) blocks_[i].run(kernels, x, time, scratch_);
    return time;
  }

  [[nodiscard]] std::size_t pool(std::span<std::uint32_t> ends) const override { return ends.size(); }

  [[nodiscard]] Activation output() const override { return tensors_.block[tensors_.blocks - 1].residual; }

 private:
  const QrnnTensors& tensors_;
  std::array<QrnnBlock, kMaxBlocks> blocks_;
  QrnnScratch scratch_;
};

// Transformer and Funnel: a block whose queries are pooled leaves fewer rows to the next.
class TransformerEncoder final : public Encoder {
 public:
  explicit TransformerEncoder(const TransformerTensors& tensors) : tensors_(tensors) {}

  void allocate(const Kernels& kernels, const Model& model, Arena& arena) override {
    scratch_.allocate(kernels, model, tensors_, arena);
    for (std::size_t i = 0; i < tensors_.blocks; ++i) blocks_[i].allocate(kernels, model, tensors_, arena);
  }

  void prepare(const Kernels& kernels, const Model& model) override {
    positions_.prepare(tensors_.position, tensors_.position_scale, model.channels, model.rows,
                       tensors_.positioned);
    for (std::size_t i = 0; i < tensors_.blocks; ++i) blocks_[i].prepare(kernels, model, tensors_, i);
  }

  std::size_t run(const Kernels& kernels, std::int8_t* x, std::size_t time) override {
    positions_.run(x, time);
    for (std::size_t i = 0; i < tensors_.blocks; ++i) time = blocks_[i].run(kernels, x, time, scratch_);
    return time;
  }

  [[nodiscard]] std::size_t pool(std::span<std::uint32_t> ends) const override {
    for (std::size_t i = 0; i < tensors_.blocks; ++i) {
      const std::size_t pool = tensors_.block[i].pool, time = (ends.size() + pool - 1) / pool;
      for (std::size_t t = 0; t < time; ++t) ends[t] = ends[std::min((t + 1) * pool, ends.size()) - 1];
      ends = ends.first(time);
    }
    return ends.size();
  }

  [[nodiscard]] Activation output() const override {
    return tensors_.block[tensors_.blocks - 1].feed_forward.output;
  }

 private:
  const TransformerTensors& tensors_;
  Positions positions_;
  std::array<TransformerBlock, kMaxBlocks> blocks_;
  TransformerScratch scratch_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(const Model& model) {
  Encoder* encoder = nullptr;
  if (const auto* qrnn = std::get_if<QrnnTensors>(&model.encoder)) {
    encoder = new (std::nothrow) QrnnEncoder(*qrnn);
  } else if (const auto* transformer = std::get_if<TransformerTensors>(&model.encoder)) {
    encoder = new (std::nothrow) TransformerEncoder(*transformer);
  }
  return std::unique_ptr<Encoder>(encoder);
}

}  // namespace byteflow
