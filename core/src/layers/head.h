// The dense head and the way from a logit to a probability (README section 6).
#pragma once

#include "byteflow/model.h"

namespace byteflow {

// pooled [2 * channels] -> logits [labels], probabilities [labels]
void run_head(const HeadTensors& head, float pooled_scale, std::span<const std::int32_t> pooled,
              std::span<float> logits, std::span<float> probabilities);

// sigmoid by linear interpolation in a table of 256 entries, eight a unit, the middle one at 0.
float sigmoid(std::span<const float> table, float x);

}  // namespace byteflow
