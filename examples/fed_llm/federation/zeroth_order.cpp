#include "federation/zeroth_order.hpp"

#include "federation/model_layout.hpp"

namespace fed_llm {
RandomDirections::RandomDirections(TrainableModel& model)
    : model_(model), reconstruct_(make_layout(model, "uniform", 1), ferret::Gaussian{}) {}

void RandomDirections::walk(const ferret::Seed& seed, std::uint32_t k, double amount) const {
    reconstruct_.add_basis(seed, k, model_.parameters, static_cast<float>(amount));
}

}  // namespace fed_llm
