#include "kd_lora/federation/steps.hpp"

#include <cmath>
#include <cstdint>
#include <memory>

#include "federated/model/weights.hpp"
#include "kd_lora/training/hugging_face_adamw.hpp"

namespace kd_lora {
namespace {

using Groups = std::vector<torch::optim::OptimizerParamGroup>;

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const Steps& steps) {
    Groups groups;
    for (const RateGroup& group : steps.groups) {
        const auto options = steps.optimizer == AdamWKind::torch
                                 ? torch::optim::AdamWOptions(group.rate)
                                 : HuggingFaceAdamW::rate_options(group.rate);
        groups.emplace_back(group.parameters,
                            std::make_unique<torch::optim::AdamWOptions>(options));
    }
    if (steps.optimizer == AdamWKind::torch) {
        return std::make_unique<torch::optim::AdamW>(std::move(groups),
                                                     torch::optim::AdamWOptions());
    }
    return std::make_unique<HuggingFaceAdamW>(std::move(groups), steps.groups.front().rate,
                                              steps.optimizer == AdamWKind::transformers
                                                  ? EpsilonPlace::before_correction
                                                  : EpsilonPlace::after_correction);
}

void set_rates(torch::optim::Optimizer& optimizer, const Steps& steps, double share) {
    for (std::size_t i = 0; i < steps.groups.size(); ++i) {
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[i].options())
            .lr(share * steps.groups[i].rate);
    }
}

/// Not Optimizer::zero_grad(), which keeps zeros to add the next gradients to: a pass more over all of
/// them, and memory while others work.
void forget_gradients(const Steps& steps) {
    for (const RateGroup& group : steps.groups) {
        for (const torch::Tensor& parameter : group.parameters) {
            parameter.mutable_grad() = torch::Tensor();
        }
    }
}

}  // namespace

torch::Tensor cross_entropy(const SequenceClassifier& model, const BatchTensors& batch,
                            Dropout* dropout) {
    const ClassifierOutput output =
        model.forward(batch.tokens, batch.mask, {dropout, AttentionMaps::none});
    return torch::nn::functional::cross_entropy(output.logits, batch.labels);
}

federated::LocalResult take_steps(const Steps& steps, const ExampleSource& source,
                                  const BatchRows& batches, const BatchLoss& loss,
                                  const federated::StepObserver& on_step) {
    const auto optimizer = make_optimizer(steps);
    const auto count = static_cast<double>(batches.size());
    federated::LocalResult result;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        if (steps.decays) set_rates(*optimizer, steps, 1.0 - static_cast<double>(i) / count);
        const torch::Tensor step_loss = loss(source.batch(batches[i]));
        const double value = step_loss.item<double>();
        if (!std::isfinite(value)) {
            result = {value, false};
            break;
        }
        step_loss.backward();
        optimizer->step();
        forget_gradients(steps);
        result.mean_loss += value / count;
        if (on_step) {
            on_step(static_cast<std::int64_t>(i) + 1, static_cast<std::int64_t>(batches.size()),
                    value);
        }
    }
    for (const RateGroup& group : steps.groups) {
        result.finite = result.finite && federated::all_finite(group.parameters);
    }
    return result;
}

}  // namespace kd_lora
