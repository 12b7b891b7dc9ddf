#include "federation/zeroth_order.hpp"

namespace fed_llm {
namespace {

ferret::Layout one_block(const TrainableModel& model) {
    std::vector<std::size_t> sizes;
    std::size_t total = 0;
    for (const auto& parameter : model.parameters) {
        sizes.push_back(static_cast<std::size_t>(parameter.numel()));
        total += sizes.back();
    }
    return ferret::Layout::uniform(sizes, total).with_names(model.names);
}

}  // namespace

RandomDirections::RandomDirections(TrainableModel& model)
    : model_(model), reconstruct_(one_block(model), ferret::Gaussian{}) {}

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
