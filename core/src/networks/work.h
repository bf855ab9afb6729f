// How many multiply-additions a call takes, from the configuration alone: what a file may ask for is known
// before any of it is done.
#pragma once

#include <cstdint>

#include "byteflow/model.h"

namespace byteflow {

// Front end and encoder on the longest text, and the decoder's reading of it; a classifier's pooling and head
// are less than a layer.
std::uint64_t reading_work(const Model& model);

// One step of `rows` texts under way.
std::uint64_t step_work(const Model& model, std::size_t rows);

}  // namespace byteflow
