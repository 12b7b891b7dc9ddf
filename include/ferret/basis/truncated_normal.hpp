#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "../host_device.hpp"
#include "basis_id.hpp"
#include "truncated_normal_law.hpp"

namespace ferret {

/// The paper's basis family: entries of N(0, 1) truncated to [-1/sqrt(d), 1/sqrt(d)].
///
/// UniformBits: random bits an entry takes. 16 draws from 2^16 values, two a Philox word; 32 from
/// 2^24, the most a float holds. The second moment is that of the drawn values, so both are
/// unbiased.
/// Math:   v = a q(u), u = (2r + 1) / 2^bits with r a signed integer of `bits` bits
/// Source: paper, section 3
template <unsigned UniformBits = 16>
requires(UniformBits == 16 || UniformBits == 32) struct TruncatedNormal {
    static constexpr BasisId id{UniformBits == 16 ? 1 : 2};
    static constexpr std::string_view name =
        UniformBits == 16 ? "truncated-normal" : "truncated-normal-32";
    static constexpr unsigned parts_per_word = 32 / UniformBits;
    static constexpr bool raw_values_are_signs = false;
    static constexpr unsigned lattice_bits = UniformBits == 16 ? 16 : 24;

    /// The law of one block's entries: entry = amplitude * raw value.
    class Block {
    public:
        explicit Block(std::uint64_t dimension) : polynomial_(dimension, lattice_bits) {
            const double bound = 1.0 / std::sqrt(static_cast<double>(dimension));
            if (polynomial_.terms() == 0) {
                amplitude_ = bound * 0x1p-31;
                raw_second_moment_ = (0x1p64 - std::ldexp(1.0, 2 * (32 - lattice_bits))) / 12.0;
            } else {
                amplitude_ = bound;
                raw_second_moment_ = polynomial_.second_moment(lattice_bits);
            }
        }

        double amplitude() const { return amplitude_; }
        double raw_second_moment() const { return raw_second_moment_; }
        /// Its terms() are zero where raw values are the lattice's own.
        FERRET_HOST_DEVICE const TruncatedNormalPolynomial& polynomial() const {
            return polynomial_;
        }

        /// Raw values of the two elements whose bits are part `part` of these words, the words of
        /// half 0 and of half 1 in the same lane: u times 2^31, or q(u) for a small block.
        FERRET_HOST_DEVICE std::array<float, 2> raw_values(std::uint32_t word0, std::uint32_t word1,
                                                           unsigned part) const {
            return {raw_value(word0, part), raw_value(word1, part)};
        }

    private:
        FERRET_HOST_DEVICE float raw_value(std::uint32_t word, unsigned part) const {
            // The part's bits on top and a half below them make an integer that is exact in float.
            constexpr std::uint32_t below = std::uint32_t{1} << (32 - lattice_bits);
            const std::uint32_t bits =
                ((word << (part * UniformBits)) & ~(below - 1)) | (below >> 1);
            const auto lattice = static_cast<float>(static_cast<std::int32_t>(bits));
            return polynomial_.terms() == 0 ? lattice : polynomial_(lattice * 0x1p-31f);
        }

        TruncatedNormalPolynomial polynomial_;
        double amplitude_ = 0.0;
        double raw_second_moment_ = 0.0;
    };
};

}  // namespace ferret
