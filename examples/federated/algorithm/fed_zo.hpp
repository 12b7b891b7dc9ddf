#pragma once

#include <cstdint>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/algorithm/zeroth_order.hpp"

namespace federated {

/// FedZO's local steps; the full update travels and is averaged by FedAvg's roles.
///
/// Math:   a step goes to w - lr g with g = 1/b2 sum_n (F(w + eps z_n) - F(w)) / eps z_n, where F is
///         the mean loss of b1 examples and z_n ~ N(0, I) is fresh for every step and n <= b2. Fang
///         et al. draw z_n on the unit sphere and multiply by d, which has the same mean; eps here
///         is their mu / sqrt(d). b1 is training.examples, b2 is `directions`.
/// Cost:   up and down, all d parameters; a step has b2 + 1 forward passes over b1 examples
/// Source: Fang et al., IEEE Transactions on Signal Processing 2022, arXiv 2201.09531
/// `model` outlives the result.
LocalTrainer zeroth_order_trainer(TrainableModel& model, const ZerothOrder& training,
                                  std::int64_t directions, std::uint64_t seed);

extern const AlgorithmEntry fed_zo_entry;

}  // namespace federated
