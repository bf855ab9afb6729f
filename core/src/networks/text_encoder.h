// What classifiers and generators begin with: a text through the front end and the encoder, in one block of
// memory with whatever follows.
#pragma once

#include <memory>

#include "byteflow/byte_splitter.h"
#include "byteflow/limits.h"
#include "byteflow/status.h"
#include "networks/encoder.h"
#include "networks/front_end.h"
#include "text/normalizer.h"

namespace byteflow {

class TextEncoder {
 public:
  // Takes one block for the buffers that `allocate_rest(arena)` asks for and its own, and prepares itself.
  // The model must outlive it.
  template <typename AllocateRest>
  Status load(const Kernels& kernels, const Model& model, const Limits& limits, AllocateRest allocate_rest) {
    const bool made = make(model);
    Arena counting;
    if (made) {
      allocate(kernels, model, counting);
      allocate_rest(counting);
      if (counting.used() > limits.max_memory)
        return Status::error(Code::over_limit,
                             {"model ", model.name, " needs ", counting.used(), " bytes of memory; at most ",
                              limits.max_memory, " are allowed"});
      memory_ = allocate_aligned(static_cast<std::size_t>(counting.used()));
    }
    if (memory_ == nullptr)
      return Status::error(Code::out_of_memory, {"model ", model.name, " needs ", counting.used(),
                                                 " bytes of memory, which could not be had"});
    Arena arena(memory_.get());
    allocate(kernels, model, arena);
    allocate_rest(arena);
    front_end_->prepare(kernels);
    encoder_->prepare(kernels, model);
    return {};
  }

  // Rows that the front end has made of a text, and those that the encoder has left of them.
  struct Times {
    std::size_t front_end, encoder;
  };

  // Leaves the encoding in rows().
  Times run(const Kernels& kernels, std::span<const std::uint8_t> text) {
    if (!letters_.empty()) {
      read_ = prefix_length(text, letters_.size());
      letter_count_ = normalize(text.first(read_), letters_, letter_ends_);
      text = letters_.first(letter_count_);
    }
    const std::size_t time = front_end_->run(kernels, text, rows_.data());
    return {time, encoder_->run(kernels, rows_.data(), time)};
  }

  [[nodiscard]] std::int8_t* rows() const { return rows_.data(); }  // [time, channels]
  [[nodiscard]] Activation output() const { return encoder_->output(); }

  // Replaces `ends` by where the part of the latest text ends that each row stands for; returns the rows.
  [[nodiscard]] std::size_t ends(std::span<std::uint32_t> ends) const {
    front_end_->ends(ends);
    if (!letters_.empty()) {
      for (std::uint32_t& end : ends)
        end = end == letter_count_ ? static_cast<std::uint32_t>(read_) : end == 0 ? 0 : letter_ends_[end - 1];
    }
    return encoder_->pool(ends);
  }

 private:
  bool make(const Model& model) {
    front_end_ = make_front_end(model);
    encoder_ = make_encoder(model);
    return front_end_ != nullptr && encoder_ != nullptr;
  }

  void allocate(const Kernels& kernels, const Model& model, Arena& arena) {
    front_end_->allocate(kernels, model, arena);
    encoder_->allocate(kernels, model, arena);
    if (model.normalizes) {
      letters_ = arena.take<std::uint8_t>(model.max_bytes);
      letter_ends_ = arena.take<std::uint32_t>(model.max_bytes);
    }
    rows_ = arena.take<std::int8_t>(model.max_time * model.channels);
  }

  AlignedMemory memory_;
  std::unique_ptr<FrontEnd> front_end_;
  std::unique_ptr<Encoder> encoder_;
  std::span<std::int8_t> rows_;  // [time, channels]

  // Where the model normalizes: the letters of the latest text, where in the text each ends, and the bytes
  // read.
  std::span<std::uint8_t> letters_;       // [max_bytes]
  std::span<std::uint32_t> letter_ends_;  // [max_bytes]
  std::size_t letter_count_ = 0, read_ = 0;
};

}  // namespace byteflow
