// byteflow_searches MODEL BACKEND BEAMS REPETITIONS < FRAMES: beam search in the core's integers and in
// floats, over one network; one JSON object of where they agree and of the time they take.
//
// A search alone is timed on the logits that it was given before, so that no clock is read between its steps,
// and the floats are there when it begins. Times are sums over the texts of each one's best.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aligned.h"
#include "float_search.h"
#include "generator_steps.h"
#include "kernels/backends.h"
#include "search/search.h"

using namespace byteflow;
using namespace byteflow::bench;

namespace {

void advance(Search& search, std::span<const std::int8_t> logits) { search.advance(logits, {}); }
void advance(FloatSearch& search, std::span<const float> logits) { search.advance(logits); }

template <typename AnySearch, typename Step>
void turn(AnySearch& search, const SearchOptions& options, Step step) {
  (void)search.begin(options);
  while (search.rows() > 0) advance(search, step(search.parents(), search.ids()));
}

template <typename AnySearch>
std::string best_text(const AnySearch& search) {
  const Place place = search.hypotheses().front().place;
  std::vector<std::uint8_t> room(place.length);
  const auto text = search.read(place, room);
  return {text.begin(), text.end()};
}

template <typename Work>
double best_seconds(int repetitions, Work work) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

struct Seconds {
  double alone = 0, with_network = 0;
};

// `logits_of` makes of codes what the search is given.
template <typename AnySearch, typename LogitsOf>
void measure(Seconds& seconds, AnySearch& search, const SearchOptions& options, GeneratorSteps& network,
             std::span<const std::uint8_t> text, int repetitions, LogitsOf logits_of) {
  using Row = decltype(logits_of(std::span<const std::int8_t>()));
  const auto step = [&](auto parents, auto ids) { return logits_of(network.step(parents, ids)); };
  std::vector<typename Row::value_type> given;
  network.begin(text);
  turn(search, options, [&](auto parents, auto ids) {
    const Row logits = step(parents, ids);
    given.insert(given.end(), logits.begin(), logits.end());
    return logits;
  });
  seconds.alone += best_seconds(repetitions, [&] {
    Row rest = given;
    turn(search, options, [&rest](auto, auto ids) {
      const Row logits = rest.first(ids.size() * kVocabulary);
      rest = rest.subspan(logits.size());
      return logits;
    });
  });
  seconds.with_network += best_seconds(repetitions, [&] {
    network.begin(text);
    turn(search, options, step);
  });
}

struct Report {
  std::size_t texts = 0;
  std::vector<std::size_t> differ, differ_unrounded;  // texts by number, from 1
  Seconds integers, floats;

  void print() const {
    std::printf("{\"texts\": %zu, \"differ\": %s, \"differ_unrounded\": %s, ", texts, list(differ).c_str(),
                list(differ_unrounded).c_str());
    std::printf("\"seconds\": {\"integers\": %s, \"floats\": %s}}\n", object(integers).c_str(),
                object(floats).c_str());
  }

 private:
  static std::string list(const std::vector<std::size_t>& numbers) {
    std::string out;
    for (const std::size_t number : numbers) out += (out.empty() ? "" : ", ") + std::to_string(number);
    return "[" + out + "]";
  }
  static std::string object(const Seconds& seconds) {
    return "{\"alone\": " + std::to_string(seconds.alone) +
           ", \"with_network\": " + std::to_string(seconds.with_network) + "}";
  }
};

int fail(std::string_view message) {
  std::fprintf(stderr, "byteflow_searches: %.*s\n", static_cast<int>(message.size()), message.data());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: byteflow_searches MODEL BACKEND BEAMS REPETITIONS < FRAMES\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> content((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::byte> room(content.size() + kModelAlignment);
  const std::span<std::byte> bytes = aligned(room, content.size());
  std::memcpy(bytes.data(), content.data(), content.size());
  const Result<Model> model = read_model(bytes, Task::generate);
  if (!model.ok()) return fail(model.status().message());
  const Kernels* const kernels = find_backend(argv[2]);
  if (kernels == nullptr) return fail("BACKEND is not part of this build or cannot run here");
  const DecoderTensors& decoder = *model.value().decoder;

  SearchOptions options;
  options.beams = std::clamp<std::size_t>(std::strtoul(argv[3], nullptr, 10), 1, kMaxBeams);
  options.max_length = decoder.max_length;
  const int repetitions = std::max(std::atoi(argv[4]), 1);

  GeneratorSteps network;
  UnroundedSteps unrounded;
  for (const Status& loaded : {network.load(model.value(), *kernels, options.beams),
                               unrounded.load(model.value(), *kernels, options.beams)})
    if (!loaded.ok()) return fail(loaded.message());

  Search integers;
  Arena counting;
  integers.allocate(options.beams, options.max_length, counting);
  const AlignedMemory memory = allocate_aligned(counting.used());
  Arena arena(memory.get());
  integers.allocate(options.beams, options.max_length, arena);
  if (const Status prepared = integers.prepare({decoder.exp, decoder.log, decoder.logits.scale});
      !prepared.ok())
    return fail(prepared.message());
  FloatSearch floats(options.beams, options.max_length);
  std::vector<float> dequantized(options.beams * kVocabulary);

  Report report;
  std::vector<std::uint8_t> text;
  std::uint32_t length = 0;
  while (std::fread(&length, sizeof length, 1, stdin) == 1) {
    text.resize(length);
    if (std::fread(text.data(), 1, length, stdin) != length) return fail("standard input ends inside a text");
    ++report.texts;
    measure(report.integers, integers, options, network, text, repetitions,
            [](std::span<const std::int8_t> codes) { return codes; });
    measure(report.floats, floats, options, network, text, repetitions,
            [&](std::span<const std::int8_t> codes) {
              std::transform(codes.begin(), codes.end(), dequantized.begin(), [&](std::int8_t code) {
                return decoder.logits.scale * static_cast<float>(code - decoder.logits.zero_point);
              });
              return std::span<const float>(dequantized).first(codes.size());
            });
    const std::string expected = best_text(integers);
    if (best_text(floats) != expected) report.differ.push_back(report.texts);
    unrounded.begin(text);
    turn(floats, options, [&](auto parents, auto ids) { return unrounded.step(parents, ids); });
    if (best_text(floats) != expected) report.differ_unrounded.push_back(report.texts);
  }
  report.print();
  return 0;
}
