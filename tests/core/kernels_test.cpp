// Every backend against the scalar oracle, byte for byte: random shapes and operands, and operands at the
// ends of their ranges.

#include "kernels/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "all_kernels.h"
#include "random_data.h"

using namespace byteflow;

namespace {

// Bytes past the expected end that a kernel must leave alone.
constexpr std::size_t kGuard = 32;
constexpr std::int8_t kUntouched = 77;

}  // namespace

TEST_CASE("gemm: all backends agree, with overlapping rows and in-place residuals") {
  RandomData random(1);
  for (int round = 0; round < 300; ++round) {
    const Fill fill = kFills[round % 4], weight_fill = kFills[round / 4 % 4];
    const auto rows = static_cast<std::size_t>(random.integer(1, 13));
    const auto inputs = static_cast<std::size_t>(random.integer(1, round % 10 == 0 ? 800 : 70));
    const auto outputs = static_cast<std::size_t>(random.integer(1, 110));
    const auto stride = static_cast<std::size_t>(random.integer(1, static_cast<std::int32_t>(inputs)));
    const auto out_stride = outputs + static_cast<std::size_t>(random.integer(0, 5));
    const auto weight = random.values<std::int8_t>(inputs * outputs, -127, 127, weight_fill);
    const auto a = random.values<std::int8_t>(stride * (rows - 1) + inputs, -128, 127, fill);
    const auto bias = random.values<std::int32_t>(outputs, -(1 << 30), 1 << 30);
    const auto scale = random.reals(outputs, 0.0f, round % 3 == 0 ? 1.0f : 1e-4f);
    const auto added = random.values<std::int8_t>(rows * out_stride, -128, 127, fill);
    const std::int32_t zero = round % 5 == 0 ? -128 : round % 5 == 1 ? 127 : random.integer(-128, 127);
    const bool with_residual = round % 2 == 0;

    std::vector<std::vector<std::int8_t>> results;
    for (const Kernels* kernels : all_kernels()) {
      Packed packed(*kernels, weight, inputs, outputs,
                    round % 3 == 0 ? bias : std::vector<std::int32_t>(outputs + kSlack, 5), scale);
      std::vector<std::int8_t> out = added;
      out.insert(out.end(), kGuard, kUntouched);
      const Residual residual = {{out.data(), out_stride}, zero, 0.37f};
      packed.gemm(*kernels, {a.data(), stride}, rows, with_residual ? &residual : nullptr, zero, out.data(),
                  out_stride);
      CHECK(std::count(out.end() - kGuard, out.end(), kUntouched) == kGuard);
      results.push_back(out);
    }
    for (const auto& result : results) REQUIRE(result == results.front());
  }
}

#ifdef BYTEFLOW_SIMD128
TEST_CASE("the start-up check refuses dot products that saturate, and takes each meaning for what it is") {
  CHECK(exact_relaxed_kernels<SaturatingDot>() == nullptr);
  CHECK(exact_relaxed_kernels<UnsignedDot>() != nullptr);
  REQUIRE(exact_relaxed_kernels<SignedDot>() != nullptr);
  // Only codes shifted to unsigned bytes have a correction: -128 times the sum of an output's weights.
  const std::int8_t weight[] = {3};
  alignas(16) std::byte packed[64];
  std::int32_t correction;
  exact_relaxed_kernels<SignedDot>()->pack(weight, 1, 1, packed);
  std::memcpy(&correction, packed, sizeof correction);
  CHECK(correction == 0);
  exact_relaxed_kernels<UnsignedDot>()->pack(weight, 1, 1, packed);
  std::memcpy(&correction, packed, sizeof correction);
  CHECK(correction == -384);
  CHECK(gemm_is_exact(simd128_pairs_kernels()));
  CHECK(gemm_is_exact(simd128_extmul_kernels()));
  CHECK(gemm_is_exact(scalar_kernels()));
}
#endif

TEST_CASE("gemm: a hand-computed product") {
  for (const Kernels* kernels : all_kernels()) {
    // rows {1, 2, 3}, {-1, 0, 1}; outputs 2x + 3y - z + 10, x - y
    Packed packed(*kernels, {2, 3, -1, 1, -1, 0}, 3, 2, {10, 0}, {0.5f, 1.0f});
    const std::vector<std::int8_t> a = {1,  2,  3,  -1, 0,  1,  99, 99, 99, 99, 99,
                                        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};
    std::vector<std::int8_t> out(4);
    packed.gemm(*kernels, {a.data(), 3}, 2, nullptr, -1, out.data(), 2);
    // 15/2 and 7/2 round to 8 and 4.
    CHECK(out == std::vector<std::int8_t>{7, -2, 3, -2});
  }
}

TEST_CASE("dot, norm and pool: all backends agree") {
  RandomData random(2);
  for (int round = 0; round < 200; ++round) {
    const Fill fill = kFills[round % 4];
    const auto rows = static_cast<std::size_t>(random.integer(1, 12));
    const auto channels = static_cast<std::size_t>(random.integer(1, 70));
    const auto outputs = static_cast<std::size_t>(random.integer(1, 5));
    const auto x = random.values<std::int8_t>(rows * channels, -128, 127, fill);
    const auto weight = random.values<std::int8_t>(channels * outputs, -127, 127, kFills[round / 4 % 4]);
    const std::int32_t zero = round % 5 == 0 ? -128 : round % 5 == 1 ? 127 : random.integer(-128, 127);
    const float epsilon = random.real(1e-3f, 10.0f), scale = random.real(1e-3f, 0.1f);
    auto shares = random.values<std::int32_t>(rows, 0, (1 << 22) / static_cast<std::int32_t>(rows), fill);

    std::vector<std::vector<std::int32_t>> dots, pools;
    std::vector<std::vector<std::int8_t>> norms;
    for (const Kernels* kernels : all_kernels()) {
      std::vector<std::int32_t> dot(rows * outputs), pooled(2 * channels);
      kernels->dot({x.data(), channels}, rows, zero, weight.data(), channels, outputs, dot.data());
      kernels->pool({x.data(), channels}, rows, channels, zero, shares.data(), pooled.data());
      std::vector<std::int8_t> norm(rows * channels + kGuard, kUntouched);
      kernels->norm(x.data(), rows, channels, epsilon, scale, zero, norm.data());
      CHECK(std::count(norm.end() - kGuard, norm.end(), kUntouched) == kGuard);
      dots.push_back(dot), pools.push_back(pooled), norms.push_back(norm);
    }
    for (std::size_t i = 0; i < dots.size(); ++i) {
      REQUIRE(dots[i] == dots[0]);
      REQUIRE(pools[i] == pools[0]);
      REQUIRE(norms[i] == norms[0]);
    }
  }
}

TEST_CASE("mix and embed: all backends agree") {
  RandomData random(3);
  for (int round = 0; round < 150; ++round) {
    const Fill fill = kFills[round % 4];
    const auto positions = static_cast<std::size_t>(random.integer(1, 12));
    const auto channels = static_cast<std::size_t>(random.integer(1, 50));
    const auto x = random.values<std::int8_t>(positions * channels, -128, 127, fill);
    const auto coefficients = random.values<std::int16_t>(
        positions, 0, 16'384 / static_cast<std::int32_t>(positions), kFills[round / 4 % 4]);
    const std::int32_t zero_in = random.integer(-128, 127), zero_out = random.integer(-128, 127);
    const float scale = random.real(1e-5f, 1e-4f);

    const std::size_t width = static_cast<std::size_t>(random.integer(0, 3)) * 2 + 1,
                      stride = round_up(channels, 16);
    const auto length = static_cast<std::size_t>(random.integer(1, 12));
    const auto table = random.values<std::int32_t>(width * 259 * stride, -4'000'000, 4'000'000, fill);
    const auto ids = random.values<std::uint16_t>(length, 0, 258);
    const auto bias = random.values<std::int32_t>(stride, -100'000, 100'000);
    const auto multipliers = random.reals(stride + 4, 0.0f, 1e-4f);
    const auto activation = random.values<std::int8_t>(256, -128, 127);

    std::vector<std::vector<std::int8_t>> mixed, embedded;
    for (const Kernels* kernels : all_kernels()) {
      std::vector<std::int8_t> mix(channels + kGuard, kUntouched),
          embed(length * channels + kGuard, kUntouched);
      kernels->mix({x.data(), channels}, std::span(coefficients).first(positions), zero_in, scale, zero_out,
                   channels, mix.data());
      kernels->embed(table.data(), width, stride, std::span(ids).first(length), bias.data(),
                     multipliers.data(), zero_in, activation.data(), channels, embed.data());
      CHECK(std::count(mix.end() - kGuard, mix.end(), kUntouched) == kGuard);
      CHECK(std::count(embed.end() - kGuard, embed.end(), kUntouched) == kGuard);
      mixed.push_back(mix), embedded.push_back(embed);
    }
    for (std::size_t i = 0; i < mixed.size(); ++i) {
      REQUIRE(mixed[i] == mixed[0]);
      REQUIRE(embedded[i] == embedded[0]);
    }
  }
}

TEST_CASE("fo-pooling: all backends agree, forward and backward") {
  RandomData random(4);
  for (int round = 0; round < 200; ++round) {
    const auto rows = static_cast<std::size_t>(random.integer(1, 20));
    const auto state = static_cast<std::size_t>(random.integer(1, 40));
    const auto gates = random.values<std::int8_t>(rows * 3 * state, -128, 127, kFills[round % 4]);
    const auto z = random.values<std::int16_t>(256, -16'383, 16'383, kFills[round / 2 % 4]);
    const auto f = random.values<std::int16_t>(256, 0, 32'767, kFills[round / 3 % 4]);
    const auto o = random.values<std::int16_t>(256, 0, 32'767, kFills[round / 5 % 4]);
    const bool backward = round % 2 == 1;
    std::vector<std::vector<std::int8_t>> results;
    for (const Kernels* kernels : all_kernels()) {
      std::vector<std::int16_t> carry(4 * state + kSlack);
      std::vector<std::int8_t> out(rows * (state + 3) + kGuard, kUntouched);
      kernels->fo_pool({gates.data(), 3 * state}, rows, state, z.data(), f.data(), o.data(), backward,
                       carry.data(), out.data(), state + 3);
      results.push_back(out);
    }
    for (const auto& result : results) REQUIRE(result == results.front());
  }
}

TEST_CASE("fo-pooling: f = 0 passes z through, f near 1 keeps the first value") {
  std::vector<std::int16_t> z(256), closed(256, 0), open(256, 32'767);
  for (int code = -128; code < 128; ++code)
    z[static_cast<std::size_t>(code + 128)] = static_cast<std::int16_t>(code * 127);
  for (const Kernels* kernels : all_kernels()) {
    std::vector<std::int16_t> carry(4 + kSlack);
    const std::vector<std::int8_t> gates = {100, 0, 0, -50, 0, 0, 0, 0, 0, 0, 0,
                                            0,   0, 0, 0,   0, 0, 0, 0, 0, 0, 0};
    std::vector<std::int8_t> out(2);
    kernels->fo_pool({gates.data(), 3}, 2, 1, z.data(), closed.data(), open.data(), false, carry.data(),
                     out.data(), 1);
    CHECK(out[0] == (100 * 127 + 64) / 128);
    CHECK(out[1] == -50);  // -6350 / 128 = -49.6
    kernels->fo_pool({gates.data(), 3}, 2, 1, z.data(), open.data(), open.data(), false, carry.data(),
                     out.data(), 1);
    CHECK(out[0] == 0);
  }
}

TEST_CASE("attention: all backends agree, whatever the head's width and the number of rows") {
  RandomData random(6);
  for (int round = 0; round < 300; ++round) {
    const auto rows = static_cast<std::size_t>(random.integer(1, 9));
    const auto time = static_cast<std::size_t>(random.integer(1, round % 10 == 0 ? 300 : 20));
    const auto width = static_cast<std::size_t>(random.integer(1, 40));
    const std::size_t stride = width + static_cast<std::size_t>(random.integer(0, 9)),
                      out_stride = time + static_cast<std::size_t>(random.integer(0, 3));
    const auto query = random.values<std::int8_t>(rows * stride, -128, 127, kFills[round % 4]);
    const auto key = random.values<std::int8_t>(time * stride, -128, 127, kFills[round / 4 % 4]);
    const auto shares = random.values<std::int16_t>(
        rows * out_stride, 0, 32'767 / static_cast<std::int32_t>(time), kFills[round / 16 % 4]);
    const float scale = round % 3 == 0 ? 1.0f : random.real(1e-5f, 1e-2f);
    const auto multiplier = random.reals(rows, 0.0f, round % 5 == 0 ? 1.0f : 1e-4f);

    std::vector<std::vector<std::int8_t>> scores, contexts;
    for (const Kernels* kernels : all_kernels()) {
      std::vector<std::int8_t> score(rows * out_stride + kGuard, kUntouched),
          context(rows * stride + kGuard, kUntouched);
      kernels->attention_scores({query.data(), stride}, rows, {key.data(), stride}, time, width, scale,
                                score.data(), out_stride);
      kernels->attention_mix(shares.data(), out_stride, rows, {key.data(), stride}, time, width,
                             multiplier.data(), context.data(), stride);
      for (std::size_t r = 0; r < rows; ++r) {  // nothing between the rows is written
        for (std::size_t u = time; u < out_stride; ++u) CHECK(score[r * out_stride + u] == kUntouched);
        for (std::size_t c = width; c < stride; ++c) CHECK(context[r * stride + c] == kUntouched);
      }
      CHECK(std::count(score.end() - kGuard, score.end(), kUntouched) == kGuard);
      CHECK(std::count(context.end() - kGuard, context.end(), kUntouched) == kGuard);
      scores.push_back(score), contexts.push_back(context);
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
      REQUIRE(scores[i] == scores[0]);
      REQUIRE(contexts[i] == contexts[0]);
    }
  }
}

TEST_CASE("attention: hand-computed scores and contexts") {
  for (const Kernels* kernels : all_kernels()) {
    RandomData random(7);
    auto query = random.values<std::int8_t>(3, 0, 0), key = random.values<std::int8_t>(6, 0, 0);
    std::copy_n(std::vector<std::int8_t>{1, -2, 3}.begin(), 3, query.begin());
    std::copy_n(std::vector<std::int8_t>{4, 5, 6, -128, 127, -128}.begin(), 6, key.begin());
    std::vector<std::int8_t> out(3);
    kernels->attention_scores({query.data(), 3}, 1, {key.data(), 3}, 2, 3, 0.25f, out.data(), 2);
    CHECK(out[0] == 3);     // (4 - 10 + 18) / 4
    CHECK(out[1] == -128);  // (-128 - 254 - 384) / 4 = -191.5
    std::vector<std::int16_t> shares(2 + kSlack, 20'000);
    shares[0] = 30'000, shares[1] = 10'000;
    const float multiplier = 1.0f / 40'000.0f;
    kernels->attention_mix(shares.data(), 2, 1, {key.data(), 3}, 2, 3, &multiplier, out.data(), 3);
    CHECK(out == std::vector<std::int8_t>{-29, 36, -28});  // -29, 35.5, -27.5: halves to even
  }
}
