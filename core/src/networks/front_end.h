// The one interface of all front ends: a text in, the encoder's rows out.
#pragma once

#include <memory>
#include <span>

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class FrontEnd {
 public:
  virtual ~FrontEnd() = default;
  virtual void allocate(const Kernels& kernels, const Model& model, Arena& arena) = 0;
  virtual void prepare(const Kernels& kernels) = 0;

  // Reads a prefix of at most max_bytes; rows [model.max_time, channels]; returns the rows written, at
  // least 1.
  virtual std::size_t run(const Kernels& kernels, std::span<const std::uint8_t> text, std::int8_t* rows) = 0;

  // Where in the text of the last run the part of each of its rows ends; it begins where that of the row
  // before ends.
  virtual void ends(std::span<std::uint32_t> rows) const = 0;
};

// The front end that the model asks for, which must outlive it; null when there is no memory.
std::unique_ptr<FrontEnd> make_front_end(const Model& model);

}  // namespace byteflow
