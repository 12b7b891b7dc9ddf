#include "federated/algorithm/zeroth_order.hpp"

#include "federated/model/model_layout.hpp"

namespace federated {

ZerothOrder zeroth_order(const AlgorithmOptions& options) {
    return {.steps = options.local_steps,
            .examples = options.accumulate * options.batch_size,
            .perturbation = options.perturbation,
            .learning_rate = options.lr};
}

RandomDirections::RandomDirections(TrainableModel& model)
    : model_(model), reconstruct_(make_layout(model, LayoutKind::uniform), ferret::Gaussian{}) {}

void RandomDirections::walk(const ferret::Seed& seed, std::uint32_t k, double amount) const {
    reconstruct_.add_basis(seed, k, model_.parameters, static_cast<float>(amount));
}

}  // namespace federated
