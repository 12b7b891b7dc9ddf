#pragma once

#include <cstdint>
#include <functional>

namespace federated {

/// Where the work stands: `done` of `total` equal pieces of a phase.
struct Progress {
    enum class Phase { training, aggregation, evaluation, generation, waiting, warm_up };
    Phase phase = Phase::training;
    std::int64_t round = 0;
    std::int64_t done = 0;
    std::int64_t total = 1;
    std::int64_t client = 0;   ///< training: which of the round's clients, from 1
    std::int64_t clients = 0;  ///< training: how many
    double loss = 0.0;         ///< training, warm-up: of the last step
};

/// Told after each piece. What it throws ends the work: that is how a run is interrupted.
using ProgressObserver = std::function<void(const Progress&)>;

}  // namespace federated
