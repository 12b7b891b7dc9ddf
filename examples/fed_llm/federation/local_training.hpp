#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "federation/data_order.hpp"
#include "federation/trainable_model.hpp"

namespace fed_llm {

enum class OptimizerKind { sgd, adam, adamw };

/// "sgd", "adam" or "adamw". Throws: std::invalid_argument for another name.
OptimizerKind parse_optimizer(std::string_view name);

/// What a client does with the model it receives.
struct LocalTraining {
    std::int64_t steps = 10;      ///< optimiser steps
    std::int64_t accumulate = 1;  ///< batches whose mean gradient makes one step
    std::int64_t batch_size = 1;  ///< examples in a batch
    OptimizerKind optimizer = OptimizerKind::sgd;
    double learning_rate = 0.1;
};

struct LocalResult {
    double mean_loss = 0.0;  ///< over the batches, each before the step it leads to
    bool finite = true;      ///< whether every loss and every weight stayed finite
};

/// Called after each local step with the number of steps done, of all steps, and the step's loss.
/// What it throws ends the training.
using StepObserver = std::function<void(std::int64_t step, std::int64_t steps, double loss)>;

/// Tunes `model` in place with a fresh optimiser, LibTorch's SGD, Adam or AdamW with LibTorch's
/// other defaults. Stops at the first loss that is not finite.
///
/// Cost: steps * accumulate forward and backward passes.
/// Repro: LibTorch's random generator is not used; the order of the examples is `order`'s.
LocalResult train_locally(TrainableModel& model, std::span<const Example> examples,
                          const LocalTraining& training, DataOrder order,
                          const StepObserver& on_step);

}  // namespace fed_llm
