#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "../host_device.hpp"
#include "basis_id.hpp"

namespace ferret {

/// Entries +1 or -1 with equal probability, 128 a Philox call: the smallest error of all dense
/// families, (d - 1) / K.
/// Source: Achlioptas, Database-friendly random projections (2003)
struct Rademacher {
    static constexpr BasisId id{4};
    static constexpr std::string_view name = "rademacher";
    static constexpr unsigned parts_per_word = 32;
    static constexpr bool raw_values_are_signs = true;

    class Block {
    public:
        explicit Block(std::uint64_t) {}

        double amplitude() const { return 1.0; }
        double raw_second_moment() const { return 1.0; }

        FERRET_HOST_DEVICE std::array<float, 2> raw_values(std::uint32_t word0, std::uint32_t word1,
                                                           unsigned part) const {
            return {sign(word0 << part), sign(word1 << part)};
        }

    private:
        FERRET_HOST_DEVICE static float sign(std::uint32_t bits) {
            return std::bit_cast<float>((bits & 0x80000000u) | 0x3F800000u);
        }
    };
};

}  // namespace ferret
