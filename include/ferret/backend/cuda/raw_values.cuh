#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "../../basis/basis.hpp"
#include "cuda.cuh"

namespace ferret::cuda {

/// Raw values by the basis's own rule.
template <DenseBasis B>
struct RuleValues {
    static constexpr float scale = 1.0f;  ///< raw value = scale * value
    const typename B::Block* law;

    FERRET_DEVICE std::array<float, 2> operator()(std::uint32_t word0, std::uint32_t word1,
                                                  unsigned part) const {
        return law->raw_values(word0, word1, part);
    }
};

/// TruncatedNormal's raw values where they are the lattice's own, with no conversion from integers:
/// the bits are put below an exponent.
/// Math:   16 bits r: the float 2^23 + (r + 2^15), less 2^23, less 2^15 - 1/2, is r + 1/2, each step
///         exact, and the raw value 2^16 times that. Scaling by a power of two changes no rounding.
template <unsigned UniformBits>
struct LatticeValues;

template <>
struct LatticeValues<16> {
    static constexpr float scale = 0x1p16f;

    FERRET_DEVICE std::array<float, 2> operator()(std::uint32_t word0, std::uint32_t word1,
                                                  unsigned part) const {
        return {value(word0, part), value(word1, part)};
    }

private:
    FERRET_DEVICE static float value(std::uint32_t word, unsigned part) {
        const std::uint32_t r = part == 0 ? word >> 16 : word & 0xFFFFu;
        // Bit 15 is the sign of r; flipped, it adds the 2^15. Two additions and one operation on bits
        // take the time of one addition and two such operations where the latter are scarce.
        return (std::bit_cast<float>(r ^ 0x4B008000u) - 0x1p23f) - (0x1p15f - 0.5f);
    }
};

template <>
struct LatticeValues<32> {
    static constexpr float scale = 1.0f;

    FERRET_DEVICE std::array<float, 2> operator()(std::uint32_t word0, std::uint32_t word1,
                                                  unsigned) const {
        return {value(word0), value(word1)};
    }

private:
    FERRET_DEVICE static float value(std::uint32_t word) {
        return static_cast<float>(static_cast<std::int32_t>((word & ~0xFFu) | 0x80u));
    }
};

/// Calls visit with the fastest way to a block's raw values.
template <class B>
struct ValuesOf {
    template <class Visit>
    FERRET_DEVICE static void visit(const typename B::Block* law, const Visit& visit) {
        visit(RuleValues<B>{law});
    }
};
template <unsigned UniformBits>
struct ValuesOf<TruncatedNormal<UniformBits>> {
    using B = TruncatedNormal<UniformBits>;

    template <class Visit>
    FERRET_DEVICE static void visit(const typename B::Block* law, const Visit& visit) {
        if (law->polynomial().terms() == 0)
            visit(LatticeValues<UniformBits>{});
        else
            visit(RuleValues<B>{law});
    }
};

}  // namespace ferret::cuda
