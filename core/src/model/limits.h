// The largest models that are read. Within these limits every int32 accumulator of core/src/quant/README.md
// holds, whatever the weights:
//   gates:  kMaxWindow * kMaxChannels * 255 * 127 = 4 * 1024 * 32,385 < 2^27, and |bias| <= 2^30
//   projection: kMaxFeatures * 127 < 2^19, and |bias| <= 2^30
//   score:  one block of 16 positions: 16 * 1024 * 255 * 127 < 2^29.1, and 16 * |bias| <= 2^30
//   GBST calibrated: products of two positions at most (2^15 + 4)^2 < 2^30.1; shares as in attention, times
//   2^15: 40,960 * 2^15 < 2^30.4
//   GBST original: |coefficient| <= 255 * 64 < 2^14, as for softmax
//   softmax denominators: kMaxBlockWidths * 2^15 * 16 * 16 = 2^26 (GBST), (kMaxBytes + 1) * 2^15 < 2^30
//   (pooling, attention)
//   attention: scores kMaxChannels * 128 * 128 = 2^24; shares sum to at most 2^15 + (kMaxBytes + 1) / 2, each
//   between 0 and 32,767 and one of them at least 1, so contexts stay below 40,960 * 128 < 2^23
//   relevance (int64): a row's is at most 2 * 2^22 * kMaxChannels * 255 * 127 < 2^48, times its bytes < 2^63
//   decoder: window kMaxDecoderWindow * kMaxEmbeddingChannels * 127 * 127 < 2^26, and |bias| <= 2^30; running
//   sums kMaxLength * 128 = 2^21, which a float holds exactly
//   feed-forward: kMaxFeedForward * 255 * 127 < 2^27, and |bias| <= 2^30
#pragma once

#include <cstddef>
#include <cstdint>

namespace byteflow {

inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 28;
inline constexpr std::size_t kMaxBytes = 16'384;
inline constexpr std::size_t kMaxEmbeddingChannels = 256;
inline constexpr std::size_t kMaxConvWidth = 15;
inline constexpr std::size_t kMaxChannels = 1'024;
inline constexpr std::size_t kMaxBlockWidth = 16;
inline constexpr std::size_t kMaxDownsample = 16;
inline constexpr std::size_t kMaxFeatures = 4'096;
inline constexpr std::size_t kMaxState = 512;
inline constexpr std::size_t kMaxWindow = 4;
inline constexpr std::size_t kMaxFeedForward = 4'096;
inline constexpr std::size_t kMaxPool = 16;
inline constexpr std::size_t kMaxDecoderWindow = 16;
inline constexpr std::size_t kMaxLength = 16'384;  // ids of a text that is written
inline constexpr std::size_t kMinLexiconBytes = 64;
inline constexpr std::size_t kMaxLexiconBytes = std::size_t{1} << 22;  // 3 million words at ten bits a word
inline constexpr float kMaxLexiconPenalty = 16.0f;
// Of a dense layer: kMaxWindow * kMaxChannels, kMaxFeatures, kMaxFeedForward, kMaxDecoderWindow *
// kMaxEmbeddingChannels.
inline constexpr std::size_t kMaxInputs = 4'096;
inline constexpr std::int32_t kMaxBias = std::int32_t{1} << 30;
inline constexpr std::int32_t kMaxScoreBias = kMaxBias / 16;

// Scales this far apart still give finite multipliers: (1e6 * 1e6) / 1e-9 = 1e21, and 2^31 * 1e21 < 3.4e38.
inline constexpr float kMinScale = 1e-9f;
inline constexpr float kMaxScale = 1e6f;
inline constexpr float kMinNormEpsilon = 1e-12f;
inline constexpr float kMaxNormEpsilon = 1.0f;
inline constexpr float kMaxFloat = 1e6f;  // biases and calibration of the head

}  // namespace byteflow
