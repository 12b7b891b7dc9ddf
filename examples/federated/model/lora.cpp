#include "federated/model/lora.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "federated/round/sampling.hpp"

namespace federated {
namespace {

bool is_target(const std::string& name, const torch::Tensor& parameter,
               const LoraSettings& settings) {
    return parameter.dim() == 2 &&
           std::any_of(settings.targets.begin(), settings.targets.end(),
                       [&](const std::string& target) { return name.ends_with(target); });
}

/// Uniform in [-bound, bound). LibTorch's own draws differ between devices.
torch::Tensor uniform(std::int64_t rows, std::int64_t columns, double bound,
                      std::mt19937_64 generator) {
    torch::Tensor result = torch::empty({rows, columns}, torch::kFloat32);
    float* const values = result.data_ptr<float>();
    for (std::int64_t i = 0; i < result.numel(); ++i) {
        values[i] = static_cast<float>(bound * (2.0 * random_share(generator) - 1.0));
    }
    return result;
}

}  // namespace

LoraAdapters::LoraAdapters(std::span<const std::string> names,
                           std::span<const torch::Tensor> parameters, const LoraSettings& settings,
                           std::uint64_t seed)
    : scale_(settings.alpha / static_cast<double>(settings.rank)) {
    if (settings.rank < 1) {
        throw std::invalid_argument("LoRA: expected a rank of at least 1, got " +
                                    std::to_string(settings.rank));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!is_target(names[i], parameters[i], settings)) continue;
        Adapter adapter;
        adapter.weight = parameters[i];
        adapter.base = parameters[i].detach().clone();
        const std::int64_t out = parameters[i].size(0);
        const std::int64_t in = parameters[i].size(1);
        const auto options = adapter.base.options();
        adapter.down = uniform(settings.rank, in, 1.0 / std::sqrt(static_cast<double>(in)),
                               named_generator(seed, "adapter of " + names[i]))
                           .to(options)
                           .set_requires_grad(true);
        adapter.up = torch::zeros({out, settings.rank}, options).set_requires_grad(true);
        parameters_.push_back(adapter.down);
        names_.push_back(names[i] + ".lora_A");
        parameters_.push_back(adapter.up);
        names_.push_back(names[i] + ".lora_B");
        adapters_.push_back(std::move(adapter));
    }
    if (adapters_.empty()) {
        std::string expected;
        for (const std::string& target : settings.targets) expected += " " + target;
        throw std::invalid_argument("LoRA: expected matrices with names that end in one of" +
                                    expected + ", got none");
    }
}

torch::Tensor LoraAdapters::product(const Adapter& adapter) const {
    return adapter.up.matmul(adapter.down) * scale_;
}

void LoraAdapters::apply() {
    const torch::NoGradGuard no_grad;
    for (Adapter& adapter : adapters_) adapter.weight.copy_(adapter.base + product(adapter));
}

torch::Tensor LoraAdapters::loss(const std::function<torch::Tensor()>& loss) {
    apply();
    const torch::Tensor value = loss();
    std::vector<torch::Tensor> weights;
    for (const Adapter& adapter : adapters_) weights.push_back(adapter.weight);
    const auto gradients = torch::autograd::grad({value}, weights);
    // G is constant here, so that <G, s B A> has the loss's gradients by A and B; its own value is
    // taken away again.
    torch::Tensor linear = torch::zeros({}, value.options().requires_grad(false));
    for (std::size_t i = 0; i < adapters_.size(); ++i) {
        linear = linear + (gradients[i] * product(adapters_[i])).sum();
    }
    return value.detach() + (linear - linear.detach());
}

}  // namespace federated
