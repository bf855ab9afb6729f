#include "kernels/backends.h"

#include <array>

namespace byteflow {

const Kernels* find_backend(std::string_view name) {
#ifdef BYTEFLOW_RELAXED
  if (name == "relaxed") return relaxed_kernels();
#endif
#ifdef BYTEFLOW_SIMD128
  if (name == simd128_kernels().name) return &simd128_kernels();
#endif
  return name == scalar_kernels().name ? &scalar_kernels() : nullptr;
}

const Kernels& best_backend() {
#ifdef BYTEFLOW_RELAXED
  if (const Kernels* relaxed = relaxed_kernels(); relaxed != nullptr) return *relaxed;
#endif
#ifdef BYTEFLOW_SIMD128
  return simd128_kernels();
#else
  return scalar_kernels();
#endif
}

std::span<const std::string_view> backend_names() {
  static constexpr std::array<std::string_view, 3> names = {"relaxed", "simd128", "scalar"};
#ifdef BYTEFLOW_RELAXED
  return std::span(names).subspan(relaxed_kernels() != nullptr ? 0 : 1);
#elif defined(BYTEFLOW_SIMD128)
  return std::span(names).subspan(1);
#else
  return std::span(names).subspan(2);
#endif
}

}  // namespace byteflow
