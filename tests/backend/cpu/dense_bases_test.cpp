#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/dense_bases.hpp>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/block/tiling.hpp>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <span>
#include <vector>

// A tile's sums and additions against the definitions, element by element.

namespace cpu = ferret::cpu;
using ferret::lanes;
using ferret::tile_size;

namespace {

/// A tile of a block of 2^40 elements, in every family and instruction set.
struct TileOfBases {
    std::uint64_t first_element;
    std::size_t count;
    std::uint32_t bases;

    void check() const {
        CAPTURE(first_element);
        CAPTURE(count);
        CAPTURE(bases);
        for (const ferret::Basis& basis : ferret::all_bases)
            ferret::visit_basis(basis, [&]<class B>(const B&) {
                if constexpr (ferret::DenseBasis<B>) check_family<B>(basis);
            });
    }

private:
    template <ferret::DenseBasis B>
    void check_family(const ferret::Basis& basis) const {
        CAPTURE(ferret::basis_name(basis));
        // The second block, whose law is another than the first one's.
        const std::uint64_t size = (std::uint64_t{1} << 40) - 7;
        const ferret::Layout layout = ferret::Layout::per_tensor({7, size});
        const typename B::Block law(size);
        const ferret::PhiloxKey key{12345, 678};
        const cpu::WordSource source{key, 1, 5};
        std::vector<float> tile = ferret_test::simple_update(tile_size);
        for (std::size_t i = count; i < tile_size; ++i) tile[i] = 0.0f;
        const std::vector<float> coefficients = ferret_test::simple_update(bases, 1);

        std::vector<double> expected_sums(bases, 0.25);
        std::vector<float> expected_update = tile;
        for (std::uint32_t n = 0; n < bases; ++n) {
            std::vector<float> lane_sums(lanes, 0.0f);
            for (std::size_t i = 0; i < count; ++i) {
                const float raw =
                    ferret::reference::raw_value<B>(law, key, 1, 5 + n, first_element + i);
                lane_sums[i % lanes] = std::fma(tile[i], raw, lane_sums[i % lanes]);
                expected_update[i] = std::fma(coefficients[n], raw, expected_update[i]);
            }
            expected_sums[n] += static_cast<double>(cpu::add_lanes(lane_sums.data()));
        }
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
            CAPTURE(static_cast<int>(set));
            const cpu::DenseBases dense(cpu::kernels_of(set), layout, basis);
            std::vector<double> sums(bases, 0.25);
            dense.dot(source, first_element, bases, count, tile.data(), sums.data());
            CHECK(sums == expected_sums);
            std::vector<float> update = tile;
            dense.add(source, first_element, bases, count, coefficients.data(), update.data());
            update.resize(count);
            CHECK(ferret_test::same_bits(update, std::span(expected_update).first(count)));
        }
    }
};

}  // namespace

TEST_CASE("any number of bases, together and one by one") {
    for (const std::uint32_t bases : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 11u})
        TileOfBases{3 * tile_size, tile_size, bases}.check();
}

TEST_CASE("tiles that end within a row, a group or a batch of words") {
    for (const std::size_t count : {1u, 15u, 16u, 17u, 511u, 512u, 513u, 1024u, 2049u, 4095u})
        TileOfBases{0, count, 5}.check();
}

TEST_CASE("tiles before and after 2^32 Philox calls") {
    // A call makes 4, 8 or 128 elements.
    for (const std::uint64_t elements_per_call : {4u, 8u, 128u}) {
        const std::uint64_t border = elements_per_call << 32;
        TileOfBases{border - tile_size, tile_size, 3}.check();
        TileOfBases{border, tile_size, 3}.check();
    }
}
