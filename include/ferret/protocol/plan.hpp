#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../basis/basis.hpp"
#include "../block/budget.hpp"
#include "../block/layout.hpp"
#include "../rng/seed.hpp"
#include "../wire.hpp"

namespace ferret {

/// Whose bases a client projects on.
enum class SeedSharing : std::uint8_t {
    shared,     ///< one for all: sketches add up, and one sketch serves any number of clients
    per_client  ///< each its own: the projections' errors average out over the clients
};

/// When the bases change.
enum class SeedRefresh : std::uint8_t { each_round, fixed };

/// What all roles of a federation agree on before its first round. Rounds count from 1.
struct Plan {
    Layout layout;
    Basis basis = SparseSign{};
    BudgetRule budget;
    std::uint64_t seed = 0;
    SeedSharing sharing = SeedSharing::shared;
    SeedRefresh refresh = SeedRefresh::each_round;
    CoordinateFormat up = CoordinateFormat::one_bit;    ///< from the clients
    CoordinateFormat down = CoordinateFormat::one_bit;  ///< in the broadcast

    /// The seed of bases that all share in a round.
    /// Math:   (seed, round or, if fixed, 0)
    Seed common_seed(std::uint64_t round) const {
        return {seed, refresh == SeedRefresh::fixed ? 0 : round};
    }

    /// The seed that a client's bases of a round come from.
    /// Math:   the common one, with bases of its own derived by the client's number
    Seed seed_of(std::uint64_t round, std::uint64_t client) const {
        const Seed common = common_seed(round);
        return sharing == SeedSharing::shared ? common : common.derive(client);
    }
};

}  // namespace ferret
