#include "federated/model/weights.hpp"

#include <sstream>
#include <stdexcept>

namespace federated {
namespace {

void expect_alike(const Weights& target, const Weights& source) {
    if (target.size() != source.size()) {
        throw std::invalid_argument("weights: expected " + std::to_string(target.size()) +
                                    " tensors, got " + std::to_string(source.size()));
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (target[i].sizes() != source[i].sizes() ||
            target[i].scalar_type() != source[i].scalar_type()) {
            std::ostringstream message;
            message << "weights: tensor " << i << ": expected " << target[i].scalar_type() << ' '
                    << target[i].sizes() << ", got " << source[i].scalar_type() << ' '
                    << source[i].sizes();
            throw std::invalid_argument(message.str());
        }
    }
}

}  // namespace

std::vector<std::size_t> tensor_sizes(const Weights& weights) {
    std::vector<std::size_t> sizes;
    for (const auto& tensor : weights) sizes.push_back(static_cast<std::size_t>(tensor.numel()));
    return sizes;
}

std::int64_t parameter_count(const Weights& weights) {
    std::int64_t count = 0;
    for (const auto& tensor : weights) count += tensor.numel();
    return count;
}

Weights clone_weights(const Weights& source) {
    const torch::NoGradGuard no_grad;
    Weights copy;
    copy.reserve(source.size());
    for (const auto& tensor : source) copy.push_back(tensor.detach().clone());
    return copy;
}

void assign_weights(Weights& target, const Weights& source) {
    expect_alike(target, source);
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < target.size(); ++i) target[i].copy_(source[i]);
}

void add_weights(Weights& target, const Weights& source, double scale) {
    expect_alike(target, source);
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < target.size(); ++i) target[i].add_(source[i], scale);
}

void make_delta(const Weights& before, Weights& after) {
    expect_alike(after, before);
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < after.size(); ++i) after[i].neg_().add_(before[i]);
}

void synchronize(const Weights& weights) {
    if (!weights.empty() && weights.front().is_cuda()) torch::cuda::synchronize();
}

bool all_finite(const Weights& weights) {
    const torch::NoGradGuard no_grad;
    for (const auto& tensor : weights) {
        if (!torch::isfinite(tensor).all().item<bool>()) return false;
    }
    return true;
}

}  // namespace federated
