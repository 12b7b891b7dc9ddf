#include "federation/zeroth_order.hpp"

#include "federation/model_layout.hpp"

namespace fed_llm {
RandomDirections::RandomDirections(TrainableModel& model)
    : model_(model), reconstruct_(make_layout(model, "uniform", 1), ferret::Gaussian{}) {}

void RandomDirections::walk(const ferret::Seed& seed, std::uint32_t k, double amount) const {
    reconstruct_.add_basis(seed, k, model_.parameters, static_cast<float>(amount));
}

std::vector<Example> next_examples(std::span<const Example> examples, std::int64_t count,
                                   DataOrder& order) {
    std::vector<Example> next;
    for (std::int64_t i = 0; i < count; ++i) next.push_back(examples[order.next()]);
    return next;
}

}  // namespace fed_llm
