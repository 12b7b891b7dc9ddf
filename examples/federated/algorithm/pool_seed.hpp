#pragma once

#include <cstdint>
#include <ferret/rng/seed.hpp>

namespace federated {

/// Where the bases of a pool come from, which are the same in every round.
inline ferret::Seed pool_seed(std::uint64_t seed) {
    return {seed, 0};
}

}  // namespace federated
