#include "layers/head.h"

#include <algorithm>

namespace byteflow {

float sigmoid(std::span<const float> table, float x) {
  const float u = std::clamp(x * 8.0f + 128.0f, 0.0f, 255.0f);
  const std::size_t i = std::min<std::size_t>(static_cast<std::size_t>(u), 254);
  return table[i] + (table[i + 1] - table[i]) * (u - static_cast<float>(i));
}

float head_multiplier(const Model& model, std::size_t label) {
  return (model.pooling.norm.scale * model.head.scales[label]) * 0x1p-7f;
}

void run_head(const Model& model, std::span<const std::int32_t> pooled, std::span<float> logits,
              std::span<float> probabilities) {
  const HeadTensors& head = model.head;
  for (std::size_t n = 0; n < logits.size(); ++n) {
    std::int64_t acc = 0;
    for (std::size_t c = 0; c < pooled.size(); ++c)
      acc += std::int64_t{head.weight[n * pooled.size() + c]} * pooled[c];
    logits[n] = static_cast<float>(acc) * head_multiplier(model, n) + head.bias[n];
    probabilities[n] = sigmoid(head.sigmoid, logits[n] * head.slope[n] + head.offset[n]);
  }
}

}  // namespace byteflow
