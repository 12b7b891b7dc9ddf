#pragma once

#include <cstdint>

#include "../../rng/philox.hpp"
#include "cuda.cuh"

namespace ferret::cuda {

/// Philox4x32-10 with its key schedule made beforehand, so that kernels take the keys of the rounds
/// from constant memory.
/// Math:   the same as philox() of rng/philox.hpp
struct RoundKeys {
    std::uint32_t key0[philox_rounds];
    std::uint32_t key1[philox_rounds];

    explicit RoundKeys(const PhiloxKey& key) {
        for (unsigned round = 0; round < philox_rounds; ++round) {
            key0[round] = key[0] + round * philox_key_steps[0];
            key1[round] = key[1] + round * philox_key_steps[1];
        }
    }

    /// The key itself.
    FERRET_HOST_DEVICE PhiloxKey key() const { return {key0[0], key1[0]}; }

    FERRET_HOST_DEVICE PhiloxWords operator()(std::uint32_t word0, std::uint32_t word1,
                                              std::uint32_t word2, std::uint32_t word3) const {
        FERRET_UNROLL_LOOP
        for (unsigned round = 0; round < philox_rounds; ++round) {
            const std::uint64_t product0 = std::uint64_t{philox_multipliers[0]} * word0;
            const std::uint64_t product1 = std::uint64_t{philox_multipliers[1]} * word2;
            word0 = high_word(product1) ^ word1 ^ key0[round];
            word1 = low_word(product1);
            word2 = high_word(product0) ^ word3 ^ key1[round];
            word3 = low_word(product0);
        }
        return {word0, word1, word2, word3};
    }
};

}  // namespace ferret::cuda
