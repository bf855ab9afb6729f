// A digest of what a network makes of texts that are the same everywhere: equal for the same model file on
// every machine, backend and build, or one of them computes something else. It guards against faults, not
// against people: 64 bits of FNV-1a.
#pragma once

#include <cstdint>

#include "byteflow/classifier.h"
#include "byteflow/generator.h"

namespace byteflow {

// Of logits, probabilities and explanations.
std::uint64_t fingerprint(Classifier& classifier);

// Of the logits of each step and the texts, written by one beam. Whatever was being written is forgotten.
std::uint64_t fingerprint(Generator& generator);

}  // namespace byteflow
