#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../floating_point.hpp"
#include "../host_device.hpp"
#include "basis_id.hpp"

namespace ferret {

/// Entries of N(0, 1), for zeroth-order methods such as FedKSeed and MeZO.
/// Math:   Box-Muller on the words of the two halves: R = sqrt(-2 ln u), entries R cos and R sin of
///         a uniform angle. Logarithm, sine and cosine are polynomials in float with fused
///         multiply-adds and the square root is IEEE's, so there is no libm in it. |entry| < 6.6.
/// Repro:  bit for bit the same on every IEEE machine; second moment 1 within 1e-7
/// Source: Box and Muller (1958); coefficients fitted for this header
struct Gaussian {
    static constexpr BasisId id{3};
    static constexpr std::string_view name = "gaussian";
    static constexpr unsigned parts_per_word = 1;
    static constexpr bool raw_values_are_signs = false;

    // Polynomials, highest degree first: (ln(1 + f) - f) / f^2 for 1 + f in [sqrt(1/2), sqrt(2)),
    // sin(t pi/4) / t and cos(t pi/4) in t^2.
    static constexpr std::array<float, 9> logarithm{
        -0x1.387afcp-4f, 0x1.06b782p-3f,  -0x1.0e4ce6p-3f, 0x1.22a9e8p-3f, -0x1.545048p-3f,
        0x1.99a1d4p-3f,  -0x1.00030ap-2f, 0x1.555552p-2f,  -0x1.fffffcp-2f};
    static constexpr std::array<float, 4> sine{-0x1.2d9bb8p-15f, 0x1.465ec6p-9f, -0x1.4abbbap-4f,
                                               0x1.921fb6p-1f};
    static constexpr std::array<float, 4> cosine{-0x1.4e5ed6p-12f, 0x1.03af5cp-6f, -0x1.3bd392p-2f,
                                                 1.0f};
    static constexpr float two_log_two = 0x1.62e430p+0f;
    static constexpr std::uint32_t centre = 0x3F3504F3u;  ///< the bits of sqrt(1/2)

    class Block {
    public:
        explicit Block(std::uint64_t) {}

        double amplitude() const { return 1.0; }
        double raw_second_moment() const { return 1.0; }

        FERRET_HOST_DEVICE std::array<float, 2> raw_values(std::uint32_t word0, std::uint32_t word1,
                                                           unsigned) const {
            const float radius = std::sqrt(minus_two_log(word0));

            // The two high bits of word1 choose the quadrant, the others the angle t pi/4 in it.
            const std::uint32_t angle = ((word1 << 2) & ~0xFFu) | 0x80u;
            const float t = static_cast<float>(static_cast<std::int32_t>(angle)) * 0x1p-31f;
            const float squared = t * t;
            // Copies, because device code cannot refer to a class's constants.
            constexpr auto sine_terms = sine;
            constexpr auto cosine_terms = cosine;
            const float sine_value = polynomial(sine_terms, squared) * t;
            const float cosine_value = polynomial(cosine_terms, squared);

            // A turn by a quarter swaps sine and cosine and negates one of them.
            const bool swapped = (word1 & 0x40000000u) != 0;
            const std::uint32_t cosine_sign = (word1 ^ (word1 << 1)) & 0x80000000u;
            const std::uint32_t sine_sign = word1 & 0x80000000u;
            return {radius * with_sign(swapped ? sine_value : cosine_value, cosine_sign),
                    radius * with_sign(swapped ? cosine_value : sine_value, sine_sign)};
        }

    private:
        template <std::size_t Terms>
        FERRET_HOST_DEVICE static float polynomial(const std::array<float, Terms>& coefficients,
                                                   float x) {
            float value = coefficients[0];
            for (std::size_t n = 1; n < Terms; ++n) value = std::fma(value, x, coefficients[n]);
            return value;
        }

        FERRET_HOST_DEVICE static float with_sign(float value, std::uint32_t sign) {
            return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign);
        }

        /// -2 ln(m / 2^31) for the odd number m made of the word's high bits, rounded to float.
        FERRET_HOST_DEVICE static float minus_two_log(std::uint32_t word) {
            const auto odd = static_cast<float>(static_cast<std::int32_t>((word >> 1) | 1u));
            const auto bits = std::bit_cast<std::uint32_t>(odd);
            // Mantissa in [sqrt(1/2), sqrt(2)), so that the polynomial is centred on 1.
            const std::uint32_t exponent = (bits - centre) >> 23;
            const float f = std::bit_cast<float>(bits - (exponent << 23)) - 1.0f;
            constexpr auto logarithm_terms = logarithm;
            const float log_mantissa = std::fma(f * f, polynomial(logarithm_terms, f), f);
            const auto shift = static_cast<float>(31 - static_cast<std::int32_t>(exponent));
            return std::fma(shift, two_log_two, -2.0f * log_mantissa);
        }
    };
};

}  // namespace ferret
