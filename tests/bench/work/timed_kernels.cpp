#include "timed_kernels.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace byteflow {

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The clock is read once between the start and the end of what is timed.
double clock_cost() {
  constexpr int reads = 10'000;
  const auto start = Clock::now();
  for (int i = 0; i < reads; ++i) (void)Clock::now();
  return seconds_since(start) / reads;
}

// Kernels are plain functions, so what they note lies here.
std::vector<KernelTime> noted;
bool timing = false;

struct Shape {
  std::size_t inputs = 0, outputs = 0, rows = 0;
};

Shape shape_of(const PackedWeight& weight, const Rows&, std::size_t rows, const auto&...) {
  return {weight.inputs, weight.outputs, rows};
}
Shape shape_of(const auto&...) { return {}; }

void add(std::string_view kernel, const Shape& shape, double seconds) {
  auto found = std::find_if(noted.begin(), noted.end(), [&](const KernelTime& known) {
    return known.inputs == shape.inputs && known.outputs == shape.outputs && known.kernel == kernel;
  });
  if (found == noted.end())
    found = noted.insert(found, KernelTime{std::string(kernel), shape.inputs, shape.outputs});
  found->calls += 1;
  found->macs += static_cast<double>(shape.rows * shape.inputs * shape.outputs);
  found->seconds += seconds;
}

template <std::size_t Size>
struct Name {
  constexpr Name(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
  char text[Size];
};

// One kernel of the table that Real gives, with a clock around it while times are asked for.
template <const Kernels& (*Real)(), auto Kernel, Name Called>
struct Timed;

template <const Kernels& (*Real)(), typename... Arguments, void (*Kernels::*Kernel)(Arguments...),
          Name Called>
struct Timed<Real, Kernel, Called> {
  static void call(Arguments... arguments) {
    if (!timing) return (Real().*Kernel)(arguments...);
    const auto start = Clock::now();
    (Real().*Kernel)(arguments...);
    add(Called.text, shape_of(arguments...), seconds_since(start));
  }
};

template <const Kernels& (*Real)()>
Kernels timed() {
  Kernels kernels = Real();
  kernels.gemm = Timed<Real, &Kernels::gemm, "gemm">::call;
  kernels.dot = Timed<Real, &Kernels::dot, "dot">::call;
  kernels.embed = Timed<Real, &Kernels::embed, "embed">::call;
  kernels.mix = Timed<Real, &Kernels::mix, "mix">::call;
  kernels.norm = Timed<Real, &Kernels::norm, "norm">::call;
  kernels.fo_pool = Timed<Real, &Kernels::fo_pool, "fo_pool">::call;
  kernels.pool = Timed<Real, &Kernels::pool, "pool">::call;
  kernels.attention_scores = Timed<Real, &Kernels::attention_scores, "attention_scores">::call;
  kernels.attention_mix = Timed<Real, &Kernels::attention_mix, "attention_mix">::call;
  return kernels;
}

}  // namespace

void start_timing() {
  noted.clear();
  timing = true;
}

std::vector<KernelTime> stop_timing() {
  timing = false;
  const double cost = clock_cost();
  for (KernelTime& time : noted) time.seconds = std::max(0.0, time.seconds - time.calls * cost);
  return std::move(noted);
}

}  // namespace bench

const Kernels& timed_scalar_kernels() {
  static const Kernels kernels = bench::timed<scalar_kernels>();
  return kernels;
}

#ifdef BYTEFLOW_SIMD128
const Kernels& timed_simd128_kernels() {
  static const Kernels kernels = bench::timed<simd128_kernels>();
  return kernels;
}
#endif

#ifdef BYTEFLOW_RELAXED
namespace {

// Asked for once: each time costs the check that it is exact.
const Kernels& real_relaxed_kernels() {
  static const Kernels& kernels = *relaxed_kernels();
  return kernels;
}

}  // namespace

const Kernels* timed_relaxed_kernels() {
  static const bool is_exact = relaxed_kernels() != nullptr;
  static const Kernels kernels = is_exact ? bench::timed<real_relaxed_kernels>() : Kernels{};
  return is_exact ? &kernels : nullptr;
}
#endif

}  // namespace byteflow
