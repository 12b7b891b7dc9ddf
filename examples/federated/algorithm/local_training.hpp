#pragma once

#include <cstdint>

#include "federated/algorithm/data_order.hpp"
#include "federated/algorithm/roles.hpp"
#include "federated/model/trainable_model.hpp"
#include "federated/options/algorithm_choices.hpp"
#include "federated/options/algorithm_options.hpp"

namespace federated {

/// What a client does with the model it receives.
struct LocalTraining {
    std::int64_t steps = 10;      ///< optimiser steps
    std::int64_t accumulate = 1;  ///< batches whose mean gradient makes one step
    std::int64_t batch_size = 1;  ///< examples in a batch
    OptimizerKind optimizer = OptimizerKind::sgd;
    double learning_rate = 0.1;
};

/// The first-order steps of the options. Throws: std::invalid_argument for another optimiser's name
LocalTraining local_training(const AlgorithmOptions& options);

struct LocalResult {
    double mean_loss = 0.0;  ///< over the batches, each before the step it leads to
    bool finite = true;      ///< whether every loss and every weight stayed finite
};

/// Tunes `model` in place on the client's examples with a fresh optimiser, LibTorch's SGD, Adam or
/// AdamW with LibTorch's other defaults. Stops at the first loss that is not finite.
///
/// Cost: steps * accumulate forward and backward passes.
/// Repro: LibTorch's random generator is not used; the order of the examples is `order`'s.
LocalResult train_locally(TrainableModel& model, std::uint64_t client,
                          const LocalTraining& training, DataOrder order,
                          const StepObserver& on_step);

}  // namespace federated
