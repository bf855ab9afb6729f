// The kernels of this build by name.
#pragma once

#include <span>
#include <string_view>

#include "kernels/kernels.h"

namespace byteflow {

// Null where there is no such backend in this build or it cannot run here.
const Kernels* find_backend(std::string_view name);

// The fastest that runs here.
const Kernels& best_backend();

// Of those that run here, fastest first.
std::span<const std::string_view> backend_names();

}  // namespace byteflow
