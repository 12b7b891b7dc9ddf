#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../host_device.hpp"
#include "normal_levels.hpp"

namespace ferret {

/// A magnitude rounded to a level of the normal distribution.
struct RoundedMagnitude {
    std::uint32_t number;  ///< of the level
    float level;           ///< in standard deviations; of 8 bits in steps of them
};

/// Math:   the level above the last threshold that the magnitude exceeds; of 8 bits the nearest one
/// Repro:  every product and quotient is rounded before it is used, and the one sum of a product is
///         fused
template <unsigned Bits>
FERRET_HOST_DEVICE inline RoundedMagnitude round_magnitude(float magnitude, float deviation) {
    if constexpr (Bits == 8) {
        const float steps_per_unit = 1.0f / (deviation * eight_bit_step);
        constexpr float integers = 8388608.0f;  // 2^23, above which floats are integers
        constexpr float largest = eight_bit_largest;
        const float rounded = std::fma(magnitude, steps_per_unit, integers) - integers;
        const float level = rounded < largest ? rounded : largest;
        return {static_cast<std::uint32_t>(level), level};
    } else {
        // Copies, as device code has no arrays of the host's.
        constexpr auto levels = NormalLevels<Bits>::levels;
        RoundedMagnitude result{0, levels[0]};
        if constexpr (Bits > 1) {
            constexpr auto thresholds = NormalLevels<Bits>::thresholds;
            for (std::uint32_t t = 0; t < thresholds.size(); ++t)
                if (magnitude > thresholds[t] * deviation) result = {t + 1, levels[t + 1]};
        }
        return result;
    }
}

/// The level of a number.
template <unsigned Bits>
FERRET_HOST_DEVICE inline float normal_level([[maybe_unused]] std::uint32_t number) {
    if constexpr (Bits == 8) {
        return static_cast<float>(number);
    } else {
        constexpr auto levels = NormalLevels<Bits>::levels;
        float level = levels[0];
        // Not by an index, for which a GPU would put the levels into memory.
        for (std::uint32_t n = 1; n < levels.size(); ++n)
            if (number >= n) level = levels[n];
        return level;
    }
}

}  // namespace ferret
