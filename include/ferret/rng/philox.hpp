#pragma once

#include <array>
#include <cstdint>

#include "../host_device.hpp"

namespace ferret {

/// Four 32-bit words: a Philox counter, or what Philox makes of it.
using PhiloxWords = std::array<std::uint32_t, 4>;
/// The 64-bit key of Philox4x32.
using PhiloxKey = std::array<std::uint32_t, 2>;

inline constexpr std::uint32_t low_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
inline constexpr std::uint32_t high_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}
inline constexpr std::uint64_t join_words(std::uint32_t low, std::uint32_t high) {
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

/// What makes a Philox: multipliers of the counter's words 0 and 2, and what the keys grow by.
inline constexpr unsigned philox_rounds = 10;
inline constexpr std::uint32_t philox_multipliers[2] = {0xD2511F53u, 0xCD9E8D57u};
inline constexpr std::uint32_t philox_key_steps[2] = {0x9E3779B9u, 0xBB67AE85u};

/// Philox4x32-10: a bijection of the counter chosen by the key, random to every test.
/// Cost:   20 32x32->64 bit multiplications
/// Repro:  integer arithmetic only, the same everywhere
/// Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011)
FERRET_HOST_DEVICE constexpr PhiloxWords philox(PhiloxWords words, PhiloxKey key) {
    // Constants of its own, as device code has no arrays of the host's.
    constexpr std::uint32_t step0 = philox_key_steps[0], step1 = philox_key_steps[1];
    for (unsigned round = 0; round < philox_rounds; ++round) {
        const std::uint64_t product0 = std::uint64_t{philox_multipliers[0]} * words[0];
        const std::uint64_t product1 = std::uint64_t{philox_multipliers[1]} * words[2];
        words = {high_word(product1) ^ words[1] ^ key[0], low_word(product1),
                 high_word(product0) ^ words[3] ^ key[1], low_word(product0)};
        key = {key[0] + step0, key[1] + step1};
    }
    return words;
}

}  // namespace ferret
