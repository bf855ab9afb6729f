// Every kernel against scalar, byte for byte: shapes within the limits of the reader, operands at the ends of
// their ranges and between, and nothing written past the end. Memory ends where the contract says
// (kernels.h), so that AddressSanitizer sees a read beyond it.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "all_kernels.h"
#include "byteflow/byte_splitter.h"
#include "operands.h"

using namespace byteflow;

namespace {

using Codes = std::vector<std::int8_t>;

// Runs `kernel(kernels, out)` on each set of kernels; `out` begins as `before`, and what lies behind it must
// stay.
template <typename T, typename Kernel>
void all_agree(const char* name, std::vector<T> before, Kernel kernel) {
  constexpr std::size_t kGuard = 32;
  constexpr T kUntouched = 77;
  std::vector<T> expected;
  for (const Kernels* kernels : all_kernels()) {
    std::vector<T> out = before;
    out.insert(out.end(), kGuard, kUntouched);
    kernel(*kernels, out.data());
    require(std::count(out.end() - kGuard, out.end(), kUntouched) == kGuard,
            "nothing is written past the end");
    if (expected.empty()) expected = out;
    require(out == expected, name);
  }
}

// What an accumulator is multiplied by. Over all orders of magnitude nearly every product lies beyond the
// codes or rounds to zero, and of random numbers none lies half-way between two codes: so half of the
// multipliers bring accumulators among the codes, and half are powers of two.
float multiplier(Operands& operands, int lowest, int highest) {
  const float any = operands.flip() ? operands.magnitude(-20, 0) : operands.magnitude(lowest, highest);
  return operands.flip() ? std::exp2(std::floor(std::log2(any))) : any;
}

std::vector<float> multipliers(Operands& operands, std::size_t count, int lowest, int highest) {
  const float unit = multiplier(operands, lowest, highest);
  const bool equal = operands.flip();
  std::vector<float> out(count + kSlack, unit);
  for (float& value : out) value *= equal ? 1.0f : operands.random().real(0.5f, 1.0f);
  return out;
}

// Of any size: a large one leaves nothing of the products it is added to.
std::vector<std::int32_t> biases(Operands& operands, std::size_t count) {
  const std::int32_t most = 1 << operands.choose(0, 30);
  return operands.values<std::int32_t>(count, -most, most);
}

void gemm(Operands& operands) {
  const bool deep = operands.flip();
  const auto rows = operands.choose<std::size_t>(1, deep ? 5 : 20),
             inputs = operands.choose<std::size_t>(1, deep ? 4'096 : 200),
             outputs = operands.choose<std::size_t>(1, deep ? 20 : 80),
             stride = operands.choose<std::size_t>(1, inputs),
             out_stride = outputs + operands.choose<std::size_t>(0, 5);
  const auto weight = operands.values<std::int8_t>(inputs * outputs, -127, 127);
  const auto a = operands.values<std::int8_t>(stride * (rows - 1) + inputs, -128, 127);
  const auto bias = biases(operands, outputs);
  const auto scale = multipliers(operands, outputs, -60, 70);
  const auto before = operands.values<std::int8_t>(rows * out_stride, -128,
                                                   127);  // with the slack that a residual's rows have
  const auto zero = operands.choose<std::int32_t>(-128, 127),
             zero_added = operands.choose<std::int32_t>(-128, 127);
  const float added_scale = multiplier(operands, -50, 50);
  const bool with_residual = operands.flip();
  all_agree("gemm", before, [&](const Kernels& kernels, std::int8_t* out) {
    Packed packed(kernels, weight, inputs, outputs, bias, scale);
    const Residual residual = {{out, out_stride}, zero_added, added_scale};
    packed.gemm(kernels, {a.data(), stride}, rows, with_residual ? &residual : nullptr, zero, out,
                out_stride);
  });
}

void dot(Operands& operands) {
  const auto rows = operands.choose<std::size_t>(1, 20), inputs = operands.choose<std::size_t>(1, 1'024),
             outputs = operands.choose<std::size_t>(1, 8);
  const auto a = operands.values<std::int8_t>(rows * inputs, -128, 127),
             weight = operands.values<std::int8_t>(outputs * inputs, -127, 127);
  const auto zero = operands.choose<std::int32_t>(-128, 127);
  all_agree("dot", std::vector<std::int32_t>(rows * outputs), [&](const Kernels& kernels, std::int32_t* out) {
    kernels.dot({a.data(), inputs}, rows, zero, weight.data(), inputs, outputs, out);
  });
}

void embed(Operands& operands) {
  const std::size_t width = operands.choose<std::size_t>(0, 7) * 2 + 1,
                    channels = operands.choose<std::size_t>(1, 50), stride = round_up(channels, 16),
                    length = operands.choose<std::size_t>(1, 40);
  // A row of the table: at most 256 * 127 * 127.
  const auto table = operands.values<std::int32_t>(kVocabulary * width * stride, -4'129'024, 4'129'024);
  const auto ids = operands.values<std::uint16_t>(length, 0, kVocabulary - 1);
  const auto bias = biases(operands, stride);
  const auto scale = multipliers(operands, stride, -60, 70);
  const auto activation = operands.values<std::int8_t>(256, -128, 127);
  const auto zero = operands.choose<std::int32_t>(-128, 127);
  all_agree("embed", Codes(length * channels), [&](const Kernels& kernels, std::int8_t* out) {
    kernels.embed(table.data(), width, stride, std::span(ids).first(length), bias.data(), scale.data(), zero,
                  activation.data(), channels, out);
  });
}

void mix(Operands& operands) {
  const auto positions = operands.choose<std::size_t>(1, 61), channels = operands.choose<std::size_t>(1, 100);
  const auto a = operands.values<std::int8_t>(positions * channels, -128, 127);
  const auto coefficients = operands.values<std::int16_t>(positions, operands.flip() ? -16'384 : 0, 16'384);
  const auto zero_in = operands.choose<std::int32_t>(-128, 127),
             zero_out = operands.choose<std::int32_t>(-128, 127);
  const float scale = multiplier(operands, -60, 50);
  all_agree("mix", Codes(channels), [&](const Kernels& kernels, std::int8_t* out) {
    kernels.mix({a.data(), channels}, std::span(coefficients).first(positions), zero_in, scale, zero_out,
                channels, out);
  });
}

void norm(Operands& operands) {
  const auto rows = operands.choose<std::size_t>(1, 12), channels = operands.choose<std::size_t>(1, 1'024);
  const auto x = operands.values<std::int8_t>(rows * channels, -128, 127);
  const float epsilon = operands.magnitude(-70, 70), scale = operands.magnitude(-29, 19);
  const auto zero = operands.choose<std::int32_t>(-128, 127);
  const bool in_place = operands.flip();
  all_agree("norm", x, [&](const Kernels& kernels, std::int8_t* out) {
    kernels.norm(in_place ? out : x.data(), rows, channels, epsilon, scale, zero, out);
  });
}

void fo_pool(Operands& operands) {
  const auto rows = operands.choose<std::size_t>(1, 30), state = operands.choose<std::size_t>(1, 70);
  const auto gates = operands.values<std::int8_t>(rows * 3 * state, -128, 127);
  const auto z = operands.values<std::int16_t>(256, -16'383, 16'383),
             f = operands.values<std::int16_t>(256, 0, 32'767),
             o = operands.values<std::int16_t>(256, 0, 32'767);
  const bool backward = operands.flip();
  const std::size_t out_stride = state * operands.choose<std::size_t>(1, 2);
  all_agree("fo_pool", Codes(rows * out_stride, 55), [&](const Kernels& kernels, std::int8_t* out) {
    std::vector<std::int16_t> carry(4 * state + kSlack, 12'345);  // what another call has left
    kernels.fo_pool({gates.data(), 3 * state}, rows, state, z.data(), f.data(), o.data(), backward,
                    carry.data(), out, out_stride);
  });
}

void pool(Operands& operands) {
  const auto rows = operands.choose<std::size_t>(1, 60), channels = operands.choose<std::size_t>(1, 100);
  const auto y = operands.values<std::int8_t>(rows * channels, -128, 127);
  const auto shares = operands.values<std::int32_t>(rows, 0, (1 << 22) / static_cast<std::int32_t>(rows));
  const auto zero = operands.choose<std::int32_t>(-128, 127);
  all_agree("pool", std::vector<std::int32_t>(2 * channels), [&](const Kernels& kernels, std::int32_t* out) {
    kernels.pool({y.data(), channels}, rows, channels, zero, shares.data(), out);
  });
}

void attention(Operands& operands) {
  const auto rows = operands.choose<std::size_t>(1, 8), time = operands.choose<std::size_t>(1, 300),
             width = operands.choose<std::size_t>(1, 100),
             stride = width + operands.choose<std::size_t>(0, 20),
             out_stride = time + operands.choose<std::size_t>(0, 5);
  const auto query = operands.values<std::int8_t>(rows * stride, -128, 127),
             key = operands.values<std::int8_t>(time * stride, -128, 127);
  const auto shares =
      operands.values<std::int16_t>(rows * out_stride, 0, 32'767 / static_cast<std::int32_t>(time));
  const float scale = multiplier(operands, -60, 60);
  const auto scales = multipliers(operands, rows, -60, 50);
  all_agree("attention_scores", Codes(rows * out_stride), [&](const Kernels& kernels, std::int8_t* out) {
    kernels.attention_scores({query.data(), stride}, rows, {key.data(), stride}, time, width, scale, out,
                             out_stride);
  });
  all_agree("attention_mix", Codes(rows * stride), [&](const Kernels& kernels, std::int8_t* out) {
    kernels.attention_mix(shares.data(), out_stride, rows, {key.data(), stride}, time, width, scales.data(),
                          out, stride);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*kKernels[])(Operands&) = {gemm, dot, embed, mix, norm, fo_pool, pool, attention};
  if (size < 1) return 0;
  Operands operands(data + 1, size - 1);
  kKernels[data[0] % std::size(kKernels)](operands);
  return 0;
}
