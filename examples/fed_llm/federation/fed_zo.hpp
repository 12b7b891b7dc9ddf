#pragma once

#include <cstdint>

#include "federation/fed_avg.hpp"
#include "federation/zeroth_order.hpp"

namespace fed_llm {

/// FedZO: zeroth-order local steps; the full update travels and is averaged as in FedAvg.
///
/// Math:   a step goes to w - lr g with g = 1/b2 sum_n (F(w + eps z_n) - F(w)) / eps z_n, where F is
///         the mean loss of b1 examples and z_n ~ N(0, I) is fresh for every step and n <= b2. Fang
///         et al. draw z_n on the unit sphere and multiply by d, which has the same mean; eps here
///         is their mu / sqrt(d).
/// Cost:   up and down, all d parameters; a step has b2 + 1 forward passes over b1 examples
/// Source: Fang et al., IEEE Transactions on Signal Processing 2022, arXiv 2201.09531
class FedZo : public FedAvg {
public:
    /// b1 is training.examples, b2 is `directions`. `model` outlives this object.
    FedZo(TrainableModel& model, const ZerothOrder& training, std::int64_t directions,
          std::uint64_t seed);
};

/// The clients' local steps of FedZO. `model` outlives the result.
LocalTrainer zeroth_order_trainer(TrainableModel& model, const ZerothOrder& training,
                                  std::int64_t directions, std::uint64_t seed);

}  // namespace fed_llm
