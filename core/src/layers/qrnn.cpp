#include "layers/qrnn.h"

#include <algorithm>

#include "layers/dense.h"
#include "quant/norm_epsilon.h"
#include "quant/requantize.h"

namespace byteflow {

namespace {

constexpr float kStateScale = 0x1p-7f;  // of h, by definition

}  // namespace

void QrnnScratch::allocate(const Kernels& kernels, const Model& model, const QrnnTensors& encoder,
                           Arena& arena) {
  const std::size_t past = encoder.window - 1, windows = model.max_time + (encoder.gate_sets == 1 ? past : 0);
  normed = arena.take<std::int8_t>((model.max_time + 2 * past) * model.channels);
  gates = arena.take<std::int8_t>(windows * 3 * encoder.state);
  hidden = arena.take<std::int8_t>(model.max_time * 2 * encoder.state);
  carry = arena.take<std::int16_t>(4 * encoder.state);
  gemm = arena.take<std::byte>(
      std::max(kernels.gemm_scratch(windows, model.channels, encoder.window * model.channels),
               kernels.gemm_scratch(model.max_time, 2 * encoder.state, 2 * encoder.state)));
}

void QrnnBlock::allocate(const Kernels& kernels, const Model& model, const QrnnTensors& encoder,
                         Arena& arena) {
  channels_ = model.channels;
  state_ = encoder.state;
  window_ = encoder.window;
  gate_sets_ = encoder.gate_sets;
  for (PackedWeight& set : std::span(gates_).first(gate_sets_))
    set = allocate_dense(kernels, window_ * channels_, 3 * state_, arena);
  projection_ = allocate_dense(kernels, 2 * state_, channels_, arena);
}

void QrnnBlock::prepare(const Kernels& kernels, const Model& model, const QrnnTensors& encoder,
                        std::size_t index) {
  tensors_ = &encoder.block[index];
  input_ = index == 0 ? model.rows : encoder.block[index - 1].residual;
  epsilon_ = norm_epsilon_in_codes(model.norm_epsilon, channels_, input_.scale);
  residual_multiplier_ = input_.scale / tensors_->residual.scale;

  const std::array<float, 3> gate_scales = {tensors_->gate_codes[0].scale, tensors_->gate_codes[1].scale,
                                            tensors_->gate_codes[2].scale};
  for (std::size_t set = 0; set < gate_sets_; ++set) {
    const std::size_t rows = 3 * state_, first = set * rows;
    const Dense part = {
        tensors_->gates.weight.subspan(first * window_ * channels_, rows * window_ * channels_),
        tensors_->gates.scales.subspan(first, rows), tensors_->gates.bias.subspan(first, rows)};
    prepare_dense(kernels, part, tensors_->norm, gate_scales, gates_[set]);
  }
  prepare_dense(kernels, tensors_->projection, {kStateScale, 0}, {&tensors_->residual.scale, 1}, projection_);
}

void QrnnBlock::run(const Kernels& kernels, std::int8_t* x, std::size_t time,
                    const QrnnScratch& scratch) const {
  const std::size_t past = (window_ - 1) * channels_;
  const std::size_t shared = gate_sets_ == 1 ? window_ - 1 : 0;  // windows that one direction has alone
  std::int8_t* normed = scratch.normed.data();
  const auto zero = static_cast<std::int8_t>(tensors_->norm.zero_point);
  std::fill_n(normed, past, zero);
  kernels.norm(x, time, channels_, epsilon_, tensors_->norm.scale, tensors_->norm.zero_point, normed + past);
  std::fill_n(normed + past + time * channels_, past, zero);

  for (std::size_t direction = 0; direction < 2; ++direction) {
    // Forward, row t ends at time t; backward, it begins there. The rows overlap: consecutive times are
    // neighbours in memory. Shared gates are those of all windows, of which either direction pools its own.
    if (direction < gate_sets_) {
      const Rows windows = {normed + direction * past, channels_};
      kernels.gemm(gates_[direction], windows, time + shared, nullptr, 0, scratch.gates.data(), 3 * state_,
                   scratch.gemm.data());
    }
    kernels.fo_pool({scratch.gates.data() + direction * shared * 3 * state_, 3 * state_}, time, state_,
                    tensors_->tables[0].data(), tensors_->tables[1].data(), tensors_->tables[2].data(),
                    direction == 1, scratch.carry.data(), scratch.hidden.data() + direction * state_,
                    2 * state_);
  }
  const Residual residual = {{x, channels_}, input_.zero_point, residual_multiplier_};
  kernels.gemm(projection_, {scratch.hidden.data(), 2 * state_}, time, &residual,
               tensors_->residual.zero_point, x, channels_, scratch.gemm.data());
}

}  // namespace byteflow
