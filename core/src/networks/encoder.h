// The one interface of all encoders: rows in, rows out, in place.
#pragma once

#include <memory>
#include <span>

#include "byteflow/model.h"
#include "kernels/kernels.h"
#include "memory/arena.h"

namespace byteflow {

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void allocate(const Kernels& kernels, const Model& model, Arena& arena) = 0;
  virtual void prepare(const Kernels& kernels, const Model& model) = 0;

  // x [time, channels], time at most model.max_time, is replaced by the encoding; returns its rows.
  virtual std::size_t run(const Kernels& kernels, std::int8_t* x, std::size_t time) = 0;

  // From the ends of the rows that came in (see FrontEnd) to those of the rows that run left, in place;
  // returns their number.
  [[nodiscard]] virtual std::size_t pool(std::span<std::uint32_t> ends) const = 0;

  // Of the rows that run leaves.
  [[nodiscard]] virtual Activation output() const = 0;
};

// The encoder that the model asks for, which must outlive it; null when there is no memory.
std::unique_ptr<Encoder> make_encoder(const Model& model);

}  // namespace byteflow
