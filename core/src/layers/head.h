// The dense head and the way from a logit to a probability (README section 6).
#pragma once

#include "byteflow/model.h"

namespace byteflow {

// A logit is this times the head's accumulator, plus the bias.
float head_multiplier(const Model& model, std::size_t label);

// pooled [2 * channels] -> logits [labels], probabilities [labels]
void run_head(const Model& model, std::span<const std::int32_t> pooled, std::span<float> logits,
              std::span<float> probabilities);

// sigmoid by linear interpolation in a table of 256 entries, eight a unit, the middle one at 0.
float sigmoid(std::span<const float> table, float x);

}  // namespace byteflow
