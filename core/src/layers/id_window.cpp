#include "layers/id_window.h"

#include <algorithm>
#include <utility>

#include "byteflow/byte_splitter.h"
#include "layers/dense.h"

namespace byteflow {

void IdWindow::allocate(const Kernels& kernels, const DecoderTensors& decoder, std::size_t channels,
                        std::size_t max_rows, Arena& arena) {
  window_ = decoder.window;
  depth_ = decoder.embedding_channels;
  channels_ = channels;
  const std::size_t inputs = window_ * depth_;
  conv_ = allocate_dense(kernels, inputs, channels, arena);
  ids_ = arena.take<std::uint16_t>(max_rows * window_);
  next_ids_ = arena.take<std::uint16_t>(max_rows * window_);
  windows_ = arena.take<std::int8_t>(max_rows * inputs);
  position_ = arena.take<std::int8_t>(channels);
  gemm_scratch_ = arena.take<std::byte>(kernels.gemm_scratch(max_rows, inputs, inputs));
}

void IdWindow::prepare(const Kernels& kernels, const DecoderTensors& decoder) {
  tensors_ = &decoder;
  position_multiplier_ = decoder.position_scale / decoder.embedded.scale;
  prepare_dense(kernels, decoder.conv, {decoder.embedding_scale, 0}, {&decoder.embedded.scale, 1}, conv_);
}

void IdWindow::begin() { std::fill(ids_.begin(), ids_.end(), kPadding); }

void IdWindow::run(const Kernels& kernels, std::size_t step, std::span<const std::uint16_t> parents,
                   std::span<const std::uint16_t> ids, std::int8_t* x) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const auto before = ids_.subspan(parents[row] * window_, window_);
    const auto now = next_ids_.subspan(row * window_, window_);
    std::copy(before.begin() + 1, before.end(), now.begin());
    now.back() = ids[row];
    for (std::size_t k = 0; k < window_; ++k)
      std::copy_n(tensors_->embedding.data() + now[k] * depth_, depth_,
                  windows_.data() + (row * window_ + k) * depth_);
  }
  std::swap(ids_, next_ids_);
  // In the arena, where a kernel may read past the end.
  std::copy_n(tensors_->position.data() + (step - 1) * channels_, channels_, position_.data());
  const Residual position = {{position_.data(), 0}, 0, position_multiplier_};  // the same one for all rows
  kernels.gemm(conv_, {windows_.data(), conv_.inputs}, ids.size(), &position, tensors_->embedded.zero_point,
               x, channels_, gemm_scratch_.data());
}

}  // namespace byteflow
