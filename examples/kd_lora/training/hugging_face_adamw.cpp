#include "kd_lora/training/hugging_face_adamw.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace kd_lora {
namespace {

constexpr double default_epsilon = 1e-6;
// Weights, gradients, two moments and a scratch buffer of float32: 640 KB, a second-level cache.
constexpr std::int64_t piece_on_processor = 1 << 15;

}  // namespace

HuggingFaceAdamW::HuggingFaceAdamW(std::vector<torch::optim::OptimizerParamGroup> groups,
                                   double learning_rate, EpsilonPlace epsilon)
    : Optimizer(std::move(groups),
                std::make_unique<torch::optim::AdamWOptions>(rate_options(learning_rate))),
      epsilon_(epsilon) {}

torch::optim::AdamWOptions HuggingFaceAdamW::rate_options(double learning_rate) {
    return torch::optim::AdamWOptions(learning_rate).eps(default_epsilon).weight_decay(0.0);
}

torch::Tensor HuggingFaceAdamW::step(LossClosure closure) {
    torch::Tensor loss;
    if (closure) {
        const at::AutoGradMode with_gradient(true);
        loss = closure();
    }
    const torch::NoGradGuard no_grad;
    for (torch::optim::OptimizerParamGroup& group : param_groups()) {
        const auto& options = static_cast<const torch::optim::AdamWOptions&>(group.options());
        for (torch::Tensor& parameter : group.params()) {
            if (parameter.grad().defined()) update(parameter, options);
        }
    }
    return loss;
}

void HuggingFaceAdamW::update(torch::Tensor& parameter, const torch::optim::AdamWOptions& options) {
    Moments& moments = moments_[parameter.unsafeGetTensorImpl()];
    if (moments.steps++ == 0) {
        moments.first = torch::zeros({parameter.numel()}, parameter.options());
        moments.second = torch::zeros_like(moments.first);
    }
    const auto [beta1, beta2] = options.betas();
    const auto steps = static_cast<double>(moments.steps);
    const double correction = std::sqrt(1.0 - std::pow(beta2, steps));
    const double rate = options.lr() * correction / (1.0 - std::pow(beta1, steps));
    // Here the correction multiplies the rate, and so whatever is added behind it as well.
    const double added =
        epsilon_ == EpsilonPlace::before_correction ? options.eps() : options.eps() * correction;
    const torch::Tensor weights = parameter.view({-1});
    const torch::Tensor gradients = parameter.grad().reshape({-1});
    const std::int64_t count = parameter.numel();
    const std::int64_t piece = parameter.is_cpu() ? piece_on_processor : count;
    torch::Tensor scratch = torch::empty({std::min(piece, count)}, moments.first.options());
    for (std::int64_t begin = 0; begin < count; begin += piece) {
        const std::int64_t size = std::min(piece, count - begin);
        const auto part = [&](const torch::Tensor& all) { return all.narrow(0, begin, size); };
        const torch::Tensor gradient = part(gradients);
        const torch::Tensor first = part(moments.first);
        const torch::Tensor second = part(moments.second);
        torch::Tensor divisor = scratch.narrow(0, 0, size);
        first.mul_(beta1).add_(gradient, 1.0 - beta1);
        second.mul_(beta2).addcmul_(gradient, gradient, 1.0 - beta2);
        torch::sqrt_out(divisor, second).add_(added);
        part(weights).addcdiv_(first, divisor, -rate);
    }
}

}  // namespace kd_lora
