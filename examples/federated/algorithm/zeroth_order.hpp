#pragma once

#include <cstdint>

#include "federated/model/trainable_model.hpp"
#include "federated/options/algorithm_options.hpp"
#include "federated/projection/projection.hpp"

namespace federated {

/// How a client measures slopes without gradients.
struct ZerothOrder {
    std::int64_t steps = 200;    ///< local steps in a round
    std::int64_t examples = 1;   ///< whose mean loss is measured in a step
    double perturbation = 5e-4;  ///< how far along a direction (eps)
    double learning_rate = 1e-4;
};

/// The zeroth-order steps of the options.
ZerothOrder zeroth_order(const AlgorithmOptions& options);

/// The directions z_k ~ N(0, I), k = 0, 1, ..., of a seed: ferret's Gaussian bases of one block over
/// all parameters, so that nothing needs to be stored to walk along one.
class RandomDirections {
public:
    /// `model` outlives this object.
    explicit RandomDirections(TrainableModel& model);

    /// parameters += amount * z_k, in place. Cost: O(d).
    /// Throws: ferret::NonFinite for an amount that is not finite as float
    void walk(const ferret::Seed& seed, std::uint32_t k, double amount) const;

    const Reconstructor& reconstructor() const { return reconstruct_; }

private:
    TrainableModel& model_;
    Reconstructor reconstruct_;
};

}  // namespace federated
