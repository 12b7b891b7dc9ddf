#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../compiled.hpp"
#include "../error.hpp"
#include "../protocol/plan.hpp"
#include "../rng/seed.hpp"
#include "grid.hpp"

namespace ferret::secure {

/// What the integers of a round of Ferret are about: the terms of its opening.
struct RoundTerms {
    std::uint64_t model_before = 0;  ///< fingerprint of the model that clients begin with
    CommonGrid grid;

    bool operator==(const RoundTerms&) const = default;
};

/// Writes the terms; docs/wire.md has the format.
std::vector<std::byte> encode(const RoundTerms& terms);

/// Reads them.
/// Throws: WireError, of which Malformed for a grid that no server has
RoundTerms decode_round_terms(std::span<const std::byte> bytes);

/// K_l of every sketch of a plan under which integers of all clients add.
/// Throws: InvalidBudget for bases that differ from client to client, or a budget that depends on the
///         update or does not fit the layout
std::vector<std::uint32_t> summable_bases(const Plan& plan);

/// The seed of a round's common rotation and roundings: another in every round, whatever the plan's
/// bases do, so that roundings average out over rounds.
inline Seed grid_seed(const Plan& plan, std::uint64_t round) {
    return {plan.seed, round};
}

}  // namespace ferret::secure

#ifndef FERRET_COMPILED
#include "round_terms.inl"
#endif
