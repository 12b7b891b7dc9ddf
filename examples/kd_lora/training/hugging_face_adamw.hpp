#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace kd_lora {

/// Where AdamW adds its epsilon: to the root of the second moment as it is, as transformers did, or
/// once its bias is corrected, as PyTorch does. In the first steps the former counts for up to 32 times
/// as much.
enum class EpsilonPlace { before_correction, after_correction };

/// AdamW as the Python package transformers had it, at its defaults: no weight decay.
///
/// Math:   m := b1 m + (1 - b1) g;  v := b2 v + (1 - b2) g^2;
///         w := w - lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps), or
///         w := w - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps), by the place of eps;
///         b1 = 0.9, b2 = 0.999, eps = 1e-6, t the steps of this parameter
/// Cost:   two numbers of memory a weight. On the processor each tensor is gone through in pieces that
///         fit into the caches. A parameter without a gradient is passed over.
/// Source: transformers 4.37, optimization.py; Loshchilov and Hutter, ICLR 2019, arXiv 1711.05101
class HuggingFaceAdamW : public torch::optim::Optimizer {
public:
    /// Shares the parameters. A group may come with rate_options() of its own.
    HuggingFaceAdamW(std::vector<torch::optim::OptimizerParamGroup> groups, double learning_rate,
                     EpsilonPlace epsilon = EpsilonPlace::before_correction);

    /// The options of a group with this rate, which may be changed between steps.
    static torch::optim::AdamWOptions rate_options(double learning_rate);

    /// Throws: c10::Error for a parameter that is not contiguous.
    torch::Tensor step(LossClosure closure = nullptr) override;

private:
    struct Moments {
        torch::Tensor first;
        torch::Tensor second;
        std::int64_t steps = 0;
    };

    void update(torch::Tensor& parameter, const torch::optim::AdamWOptions& options);

    EpsilonPlace epsilon_;
    std::unordered_map<const void*, Moments> moments_;  // by the parameter
};

}  // namespace kd_lora
