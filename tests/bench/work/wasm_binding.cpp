// The work as JavaScript sees it, which times it.

#include <emscripten/bind.h>

#include <memory>
#include <string>

#include "gemm_work.h"
#include "kernels/backends.h"
#include "peak.h"
#include "text_work.h"

namespace byteflow::bench {

namespace {

std::string backend() { return std::string(Classifier::backends().front()); }

std::unique_ptr<GemmWork> gemm(std::size_t rows, std::size_t inputs, std::size_t outputs) {
  return std::make_unique<GemmWork>(*find_backend(backend()), rows, inputs, outputs);
}

std::unique_ptr<TextWork> text_work(const std::string& model, const std::string& frames) {
  return std::make_unique<TextWork>(model, frames, backend());
}

// Undefined where the backend has no instruction of its own.
emscripten::val peak() {
  const std::optional<Peak> found = peak_of(backend());
  if (!found) return emscripten::val::undefined();
  emscripten::val out = emscripten::val::object();
  out.set("instruction", std::string(found->instruction));
  out.set("macs", found->macs);
  return out;
}

std::int32_t run_peak(std::size_t rounds) { return peak_of(backend())->run(rounds); }

}  // namespace

EMSCRIPTEN_BINDINGS(byteflow_bench) {
  emscripten::function("backend", &backend);
  emscripten::function("peak", &peak);
  emscripten::function("runPeak", &run_peak);
  emscripten::class_<GemmWork>("Gemm")
      .constructor(&gemm)
      .function("run", &GemmWork::run)
      .property("macs", &GemmWork::macs);
  emscripten::value_object<KernelTime>("KernelTime")
      .field("kernel", &KernelTime::kernel)
      .field("inputs", &KernelTime::inputs)
      .field("outputs", &KernelTime::outputs)
      .field("calls", &KernelTime::calls)
      .field("macs", &KernelTime::macs)
      .field("seconds", &KernelTime::seconds);
  emscripten::register_vector<KernelTime>("KernelTimes");
  emscripten::class_<TextWork>("Texts")
      .constructor(&text_work)
      .function("fault", &TextWork::fault)
      .function("scoreAll", &TextWork::score_all)
      .function("scoreAllTimed", &TextWork::score_all_timed);
}

}  // namespace byteflow::bench
