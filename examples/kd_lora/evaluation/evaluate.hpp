#pragma once

#include <cstdint>
#include <functional>

#include "kd_lora/evaluation/metrics.hpp"
#include "kd_lora/federation/batch_tensors.hpp"
#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// Told of evaluated examples, of all. What it throws ends the evaluation.
using ExamplesObserver = std::function<void(std::int64_t done, std::int64_t total)>;

/// How the model does on all examples of the source, without dropout. Batches are of like length.
/// Throws: std::invalid_argument where there are no examples; what `observe` throws
Scores evaluate(const SequenceClassifier& model, const ExampleSource& source,
                const ExamplesObserver& observe);

}  // namespace kd_lora
