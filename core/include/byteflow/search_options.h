// How texts are looked for (src/search says what each option means for the search).
#pragma once

#include <cstddef>
#include <cstdint>

namespace byteflow {

inline constexpr std::size_t kMaxBeams = 32;
inline constexpr float kMaxLengthPenalty = 2.0f;
inline constexpr float kMinTemperature = 0.01f, kMaxTemperature = 100.0f;

enum class Strategy : std::uint8_t { beam, sample };

struct SearchOptions {
  Strategy strategy = Strategy::beam;
  std::size_t beams = 4;         // texts that are followed side by side and given back
  std::size_t max_length = 256;  // ids of a text, EOS among them
  float length_penalty = 0.6f;   // alpha: a score is divided by ((5 + length) / 6)^alpha

  // Of Strategy::sample. Sample i is the same however many there are.
  float temperature = 1.0f;
  std::size_t top_k = 0;  // 0: all ids
  float top_p = 1.0f;
  std::uint64_t seed = 0;
};

}  // namespace byteflow
