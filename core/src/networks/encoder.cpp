#include "networks/encoder.h"

#include <new>

#include "layers/qrnn.h"

namespace byteflow {

namespace {

class QrnnEncoder final : public Encoder {
 public:
  explicit QrnnEncoder(std::size_t blocks) : count_(blocks) {}

  void allocate(const Kernels& kernels, const Model& model, std::size_t max_time, Arena& arena) override {
    scratch_.allocate(kernels, model, max_time, arena);
    for (std::size_t i = 0; i < count_; ++i) blocks_[i].allocate(kernels, model, arena);
  }

  void prepare(const Kernels& kernels, const Model& model) override {
    for (std::size_t i = 0; i < count_; ++i) blocks_[i].prepare(kernels, model, i);
  }

  std::size_t run(const Kernels& kernels, std::int8_t* x, std::size_t time) override {
    for (std::size_t i = 0; i < count_; ++i) blocks_[i].run(kernels, x, time, scratch_);
    return time;
  }

  [[nodiscard]] Activation output(const Model& model) const override {
    return model.encoder[count_ - 1].residual;
  }

 private:
  std::size_t count_;
  std::array<QrnnBlock, kMaxBlocks> blocks_;
  QrnnScratch scratch_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(const Model& model) {
  return std::unique_ptr<Encoder>(new (std::nothrow) QrnnEncoder(model.blocks));
}

}  // namespace byteflow
