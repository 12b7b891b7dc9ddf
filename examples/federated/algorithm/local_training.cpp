#include "federated/algorithm/local_training.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>

#include "federated/model/weights.hpp"

namespace federated {
namespace {

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const TrainableModel& model,
                                                        const LocalTraining& training) {
    switch (training.optimizer) {
        case OptimizerKind::sgd:
            return std::make_unique<torch::optim::SGD>(
                model.parameters, torch::optim::SGDOptions(training.learning_rate));
        case OptimizerKind::adam:
            return std::make_unique<torch::optim::Adam>(
                model.parameters, torch::optim::AdamOptions(training.learning_rate));
        case OptimizerKind::adamw:
            return std::make_unique<torch::optim::AdamW>(
                model.parameters, torch::optim::AdamWOptions(training.learning_rate));
    }
    throw std::invalid_argument("local training: unknown optimizer");
}

}  // namespace

LocalTraining local_training(const AlgorithmOptions& options) {
    return {.steps = options.local_steps,
            .accumulate = options.accumulate,
            .batch_size = options.batch_size,
            .optimizer = choose(optimizers, "optimizer", options.optimizer),
            .learning_rate = options.lr};
}

LocalResult train_locally(TrainableModel& model, std::uint64_t client,
                          const LocalTraining& training, DataOrder order,
                          const StepObserver& on_step) {
    const auto optimizer = make_optimizer(model, training);
    LocalResult result;
    double loss_sum = 0.0;
    for (std::int64_t step = 1; step <= training.steps; ++step) {
        optimizer->zero_grad();
        double step_loss = 0.0;
        for (std::int64_t part = 0; part < training.accumulate; ++part) {
            const auto examples = order.next(training.batch_size);
            const torch::Tensor loss =
                model.loss({client, examples}) / static_cast<double>(training.accumulate);
            step_loss += loss.item<double>();
            if (!std::isfinite(step_loss)) return {step_loss, false};
            loss.backward();
        }
        optimizer->step();
        loss_sum += step_loss;
        if (on_step) on_step(step, training.steps, step_loss);
    }
    // The gradients would otherwise stay allocated while others work.
    for (auto& parameter : model.parameters) parameter.mutable_grad() = torch::Tensor();
    result.mean_loss = loss_sum / static_cast<double>(training.steps);
    result.finite = all_finite(model.parameters);
    return result;
}

}  // namespace federated
