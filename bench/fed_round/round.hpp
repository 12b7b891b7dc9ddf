#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace fed_round {

/// Of everything that is drawn.
inline constexpr std::uint64_t seed = 42;

/// Seconds of one round's phases, of one client and then of whoever aggregates.
struct Times {
    double training = 0.0;
    double projection = 0.0;  ///< from the trained weights to what is sent
    double aggregation = 0.0;

    double local() const { return training + projection; }
    double total() const { return local() + aggregation; }
};

/// A round's like parts, of which `done` are done and timed.
struct Parts {
    std::int64_t all;
    std::int64_t done;

    static Parts share_of(std::int64_t all, double share) {
        const auto done = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(all)));
        return {all, std::clamp<std::int64_t>(done, 1, all)};
    }
    /// From the time of those done to that of all.
    double factor() const { return static_cast<double>(all) / static_cast<double>(done); }
    std::string text() const { return std::to_string(done) + " of " + std::to_string(all); }
};

/// How much there is to do in a round.
struct Work {
    std::int64_t first_order_steps;
    Parts zeroth_order_steps;  ///< FedKSeed's
    Parts perturbations;       ///< FedZO's, b1, of its one step
    Parts seed_pool;           ///< FedKSeed's
};

/// What came of a round.
struct RoundOutcome {
    Times times;
    std::uint64_t parameters_up = 0;
    std::uint64_t parameters_down = 0;
    /// Sum of K_l d_l: the basis elements that Ferret's projection needs, and its reconstruction of
    /// each client's sketch. 0 for others.
    std::uint64_t basis_elements = 0;
    /// Empty if everything was measured, else what was not.
    std::string extrapolated;
};

/// An algorithm's round: one client's part, and then what makes its update the model's.
/// The model is given at construction. It is left with weights from which another round can start.
class FederatedRound {
public:
    virtual ~FederatedRound() = default;

    /// Throws: std::runtime_error if training left the finite numbers, so that nothing is timed that
    ///         stopped early
    virtual RoundOutcome operator()(const Work& work) = 0;
};

}  // namespace fed_round
