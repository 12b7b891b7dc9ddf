#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/reference.hpp>
#include <vector>

// The oracle against numbers that were worked out by hand, from the signs that golden/independent.py
// draws; and its order of summation against sums that any other order rounds otherwise.

using ferret::Layout;
using ferret::Sketch;
using ferret::SparseSign;
using ferret_test::seed;
namespace reference = ferret::reference;

namespace {

using Floats = std::vector<float>;

/// The largest float whose successors are 2 apart: 1 added to it gets lost, and 2 does not.
constexpr float big = 0x1p24f;

float ones(std::uint64_t) {
    return 1.0f;
}

/// A block of SparseSign whose signed elements are to be these.
struct SignedElements {
    SparseSign::Block signs;
    Floats values;

    SignedElements(std::uint32_t bases, std::size_t size)
        : signs(ferret::basis_key(seed, static_cast<std::uint32_t>(SparseSign::id)), 0, bases),
          values(size, 0.0f) {}

    void set(std::size_t element, float value) { values[element] = value * signs.sign_of(element); }

    /// The first element from `begin` on that belongs to element 0's basis.
    std::size_t next_of_first(std::size_t begin) const {
        while (signs.basis_of(begin) != signs.basis_of(0)) ++begin;
        return begin;
    }
};

}  // namespace

TEST_CASE("the reference projects Rademacher's signs") {
    // Signs of block 0: --+-+ and --++-; of block 1: +-+ and +--.
    const Layout layout = Layout::per_tensor({5, 3});
    const Floats delta{1.0f, 2.0f, 4.0f, 8.0f, 16.0f, 1.0f, 2.0f, 4.0f};
    const std::vector<std::uint32_t> bases{2, 2};
    const Sketch sketch = reference::project(layout, ferret::Rademacher{}, bases, delta, seed);
    CHECK(sketch.coordinates == Floats{9.0f / 2, -7.0f / 2, 3.0f / 2, -5.0f / 2});
    CHECK(reference::reconstruct(layout, ferret::Rademacher{}, {&sketch, 1}, 2.0f) ==
          Floats{-2.0f, -2.0f, 2.0f, -16.0f, 16.0f, -2.0f, 2.0f, 8.0f});
}

TEST_CASE("the reference projects SparseSign's elements") {
    // Block 0: bases 120120, signs --+--+; block 1: bases 1010, signs -+-+.
    const Layout layout = Layout::per_tensor({6, 4});
    const Floats delta{1.0f, 2.0f, 4.0f, 8.0f, 16.0f, 32.0f, 1.0f, 2.0f, 4.0f, 8.0f};
    const std::vector<std::uint32_t> bases{3, 2};
    const Sketch sketch = reference::project(layout, SparseSign{}, bases, delta, seed);
    CHECK(sketch.coordinates == Floats{36.0f, -9.0f, -18.0f, 10.0f, -5.0f});
    CHECK(reference::reconstruct(layout, SparseSign{}, {&sketch, 1}, 0.5f) ==
          Floats{4.5f, 9.0f, 18.0f, 4.5f, 9.0f, 18.0f, 2.5f, 5.0f, 2.5f, 5.0f});
}

TEST_CASE("several sketches are rebuilt one after the other") {
    const Layout layout = Layout::per_tensor({5});
    const Sketch first{seed, ferret::Rademacher::id, layout.fingerprint(), {2}, {1.0f, 0.0f}};
    Sketch second = first;
    second.coordinates = {0.0f, 4.0f};
    CHECK(reference::reconstruct(layout, ferret::Rademacher{}, std::vector{first, second}, 1.0f) ==
          Floats{-5.0f, -5.0f, 5.0f, 3.0f, -3.0f});
}

TEST_CASE("coordinates of every basis are V^T delta / (rho K)") {
    const std::size_t size = 300;
    const Layout layout = Layout::per_tensor({size});
    const std::vector<std::uint32_t> bases{4};
    const Floats delta = ferret_test::simple_update(size);
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Sketch sketch = reference::project(layout, basis, bases, delta, seed);
        for (std::uint32_t k = 0; k < 4; ++k) {
            double product = 0.0;
            for (std::size_t i = 0; i < size; ++i)
                product += reference::entry(basis, layout, seed, 0, 4, k, i) *
                           static_cast<double>(delta[i]);
            const double expected = product / (4.0 * ferret::second_moment(basis, size, 4));
            CHECK(std::abs(static_cast<double>(sketch.coordinates[k]) - expected) <=
                  1e-5 * std::abs(expected));
        }
    }
}

TEST_CASE("a tile is summed lane by lane, and its lanes as a tree") {
    const auto sum_of = [](const std::vector<std::size_t>& small) {
        Floats values(64, 0.0f);
        values[0] = big;
        for (const std::size_t i : small) values[i] = 1.0f;
        return reference::dense_tile_sum(values, ones, 0, 64);
    };
    CHECK(sum_of({16, 32}) == big);     // lane 0, one after the other
    CHECK(sum_of({8, 16}) == big);      // lane 8 goes to lane 0 first
    CHECK(sum_of({4, 12}) == big + 2);  // lane 12 goes to lane 4 first
    CHECK(sum_of({2, 6}) == big + 2);
    CHECK(sum_of({1, 3}) == big + 2);
    CHECK(sum_of({1, 2}) == big);  // lane 2 goes to lane 0 before lane 1 does

    // 1 + 2^-12 squared is 2^-24 more than a float has.
    Floats values(17, 0.0f);
    values[0] = -1.0f;
    values[16] = 1.0f + 0x1p-12f;
    const auto raw = [](std::uint64_t i) { return i == 16 ? 1.0f + 0x1p-12f : 1.0f; };
    CHECK(reference::dense_tile_sum(values, raw, 0, 17) == 0x1p-11f + 0x1p-24f);
}

TEST_CASE("tiles add in double to segments, and segments to the block") {
    Floats values(ferret::dense_segment_size + ferret::tile_size + 1, 0.0f);
    values[0] = big;
    values[ferret::tile_size] = 1.0f;
    CHECK(reference::dense_segment_sum(values, ones, {0, 0, 2 * ferret::tile_size}) == 0x1p24 + 1);
    CHECK(reference::dense_segment_sum(values, ones, {0, 0, ferret::tile_size}) == 0x1p24);

    values[0] = 0x1p53f;
    values[ferret::tile_size] = 0.0f;
    values[ferret::dense_segment_size] = 1.0f;
    values[ferret::dense_segment_size + ferret::tile_size] = 1.0f;
    CHECK(reference::dense_block_sum(values, ones) == 0x1p53 + 2);
}

TEST_CASE("few SparseSign bases have rows of lanes, which are added as a tree") {
    // K = 3: 341 rows of lanes, of which row 171 goes to row 0 and row 256 to row 85.
    const auto sum_of = [](const std::vector<std::size_t>& rows) {
        SignedElements elements(3, 4095);
        elements.set(0, big);
        for (const std::size_t row : rows) elements.set(3 * row, 1.0f);
        const Floats sums = reference::few_bases_sums(elements.signs, elements.values, 0);
        for (const std::size_t k : {1u, 2u}) CHECK(sums[elements.signs.basis_of(k)] == 0.0f);
        return sums[elements.signs.basis_of(0)];
    };
    CHECK(sum_of({341, 682}) == big);  // lane 0, one after the other
    CHECK(sum_of({171, 341}) == big);
    CHECK(sum_of({85, 256}) == big + 2);
    CHECK(sum_of({170, 340}) == big);  // row 170 has no other; row 340 goes to row 169
}

TEST_CASE("many SparseSign bases add their elements in order") {
    const auto sum_of = [](float first, float second, float third) {
        SignedElements elements(2000, 8000);
        elements.set(0, first);
        elements.set(2000, second);
        elements.set(elements.next_of_first(4000), third);
        return reference::many_bases_sums(elements.signs, elements.values,
                                          0)[elements.signs.basis_of(0)];
    };
    CHECK(sum_of(big, 1.0f, 1.0f) == big);
    CHECK(sum_of(1.0f, 1.0f, big) == big + 2);
}

TEST_CASE("SparseSign's stretches add in double") {
    SignedElements elements(3, 2 * 4095);
    elements.set(0, big);
    elements.set(elements.next_of_first(4095), 1.0f);
    const std::vector<double> sums =
        reference::sparse_segment_sums(elements.signs, elements.values, {0, 0, 2 * 4095});
    CHECK(sums[elements.signs.basis_of(0)] == 0x1p24 + 1);
}
