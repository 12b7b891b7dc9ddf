#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kd_lora/data/encoded_example.hpp"
#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

struct WarmUp {
    std::int64_t steps = 0;
    std::int64_t batch_size = 32;
    double learning_rate = 0.0;  ///< at its greatest: it rises, then falls to 0
};

/// Trains all parameters on the examples' labels, and then draws the head anew: what is left is an
/// encoder that has learnt.
/// Repro: a function of the weights, the arguments and the LibTorch release, on one processor and number
/// of threads
void warm_up(SequenceClassifier& model, const std::vector<EncodedExample>& examples,
             const WarmUp& settings, std::uint64_t seed,
             const std::function<void(double loss)>& on_step);

}  // namespace kd_lora
