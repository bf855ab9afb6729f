// byteflow_bench MODEL FRAMES [options of Google Benchmark]: natively what bench.js times in JavaScript
// engines. Google Benchmark rather than nanobench, since Debian has it and it repeats, interleaves and writes
// JSON by itself.
//
// Names are peak/BACKEND, gemm/BACKEND/ROWS/INPUTS/OUTPUTS, layers/BACKEND and texts/BACKEND; what is not one
// time is in counters.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "gemm_work.h"
#include "kernels/backends.h"
#include "peak.h"
#include "text_work.h"

using namespace byteflow;
using namespace byteflow::bench;

namespace {

std::string read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void register_peak(const std::string& backend, const Peak& peak) {
  benchmark::RegisterBenchmark(("peak/" + backend).c_str(), [peak](benchmark::State& state) {
    constexpr std::size_t rounds = 100'000;
    for (auto _ : state) benchmark::DoNotOptimize(peak.run(rounds));
    state.counters["macs"] = static_cast<double>(rounds * peak.macs);
    state.SetLabel(std::string(peak.instruction));
  });
}

void register_gemm(const std::string& backend, std::size_t rows, std::size_t inputs, std::size_t outputs) {
  const std::string name = "gemm/" + backend + "/" + std::to_string(rows) + "/" + std::to_string(inputs) +
                           "/" + std::to_string(outputs);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    GemmWork work(*find_backend(backend), rows, inputs, outputs);
    for (auto _ : state) work.run(1);
    state.counters["macs"] = static_cast<double>(work.macs());
  });
}

// Counters KERNEL/INPUTS/OUTPUTS/{calls,macs,seconds}, macs of gemm only, of one pass over all texts, each
// kernel's best.
void register_layers(const std::string& backend, const std::shared_ptr<TextWork>& work) {
  benchmark::RegisterBenchmark(("layers/" + backend).c_str(), [work](benchmark::State& state) {
    std::map<std::string, KernelTime> best;
    for (auto _ : state) {
      for (const KernelTime& time : work->score_all_timed()) {
        const std::string name =
            time.kernel + "/" + std::to_string(time.inputs) + "/" + std::to_string(time.outputs);
        KernelTime& known = best.try_emplace(name, time).first->second;
        known.seconds = std::min(known.seconds, time.seconds);
      }
    }
    for (const auto& [name, time] : best) {
      state.counters[name + "/calls"] = time.calls;
      if (time.macs > 0)
        state.counters[name + "/macs"] = time.macs;  // or Google Benchmark writes NaN as its relative spread
      state.counters[name + "/seconds"] = time.seconds;
    }
  });
}

// A counter a text, named by its index: its best time in seconds.
void register_texts(const std::string& backend, const std::shared_ptr<TextWork>& work) {
  benchmark::RegisterBenchmark(("texts/" + backend).c_str(), [work](benchmark::State& state) {
    std::vector<double> best(work->count(), 1e9);
    for (auto _ : state) {
      for (std::size_t i = 0; i < best.size(); ++i) {
        const auto start = std::chrono::steady_clock::now();
        work->score(i);
        const auto end = std::chrono::steady_clock::now();
        best[i] = std::min(best[i], std::chrono::duration<double>(end - start).count());
      }
    }
    for (std::size_t i = 0; i < best.size(); ++i) state.counters[std::to_string(i)] = best[i];
  });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 3) {
    std::fprintf(stderr, "usage: byteflow_bench MODEL FRAMES [--benchmark_...]\n");
    return 2;
  }
  const std::string model = read_file(argv[1]), frames = read_file(argv[2]);
  for (const std::string_view name : Classifier::backends()) {
    const std::string backend(name);
    const auto work = std::make_shared<TextWork>(model, frames, backend);
    if (!work->fault().empty()) {
      std::fprintf(stderr, "byteflow_bench: %s: %s\n", argv[1], work->fault().c_str());
      return 1;
    }
    if (const std::optional<Peak> peak = peak_of(backend)) register_peak(backend, *peak);
    for (const KernelTime& time : work->score_all_timed()) {
      if (time.kernel != "gemm") continue;
      for (const std::size_t rows : {1, 4, 32, 128}) register_gemm(backend, rows, time.inputs, time.outputs);
    }
    register_layers(backend, work);
    register_texts(backend, work);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
