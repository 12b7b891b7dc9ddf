#pragma once

#include <Random123/philox.h>

#include <array>
#include <cstdint>

#include "../host_device.hpp"

namespace ferret {

/// Four 32-bit words: a Philox counter, or what Philox makes of it.
using PhiloxWords = std::array<std::uint32_t, 4>;
/// The 64-bit key of Philox4x32.
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32-10: a bijection of the counter chosen by the key, random to every test.
/// Cost:   20 32x32->64 bit multiplications
/// Repro:  integer arithmetic only, the same everywhere
/// Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011); Random123
FERRET_HOST_DEVICE inline PhiloxWords philox(const PhiloxWords& counter, const PhiloxKey& key) {
    const philox4x32_ctr_t words =
        philox4x32_R(10, {{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    return {words[0], words[1], words[2], words[3]};
}

inline constexpr std::uint32_t low_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
inline constexpr std::uint32_t high_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}
inline constexpr std::uint64_t join_words(std::uint32_t low, std::uint32_t high) {
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

}  // namespace ferret
