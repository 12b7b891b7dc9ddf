#include "support/rounding.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <limits>
#include <vector>

using ferret::Layout;
using ferret::Projector;
using ferret::Seed;
using ferret::Sketch;
using ferret::SketchMismatch;
using ferret_test::contains;
using ferret_test::coordinate_error_bounds;
using ferret_test::error_message;
using ferret_test::simple_update;

namespace {

/// A small sketch made by hand.
Sketch small() {
    return {{42, 7}, ferret::Gaussian::id, 99, {2, 3}, {1, 2, 3, 4, 5}};
}

std::string sum_message(std::vector<Sketch> sketches) {
    return error_message<SketchMismatch>([&] { static_cast<void>(ferret::sum(sketches)); });
}

}  // namespace

TEST_CASE("the sum of sketches is the sketch of the sum") {
    constexpr std::size_t size = 10000;
    const Layout layout = Layout::uniform({size}, 6000);
    const Seed seed{42, 7};
    // Multiples of 1/1024: the sum of the updates is exact, and so only coordinates are rounded.
    const std::vector<std::vector<float>> updates{simple_update(size, 1), simple_update(size, 2),
                                                  simple_update(size, 3)};
    std::vector<float> total(size, 0.0f);
    for (const auto& update : updates)
        for (std::size_t i = 0; i < size; ++i) total[i] += update[i];

    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Projector project{layout, basis, ferret::Uniform{12}};
        std::vector<Sketch> sketches;
        const Sketch whole = project(total, seed);
        std::vector<double> tolerance =
            coordinate_error_bounds(layout, basis, whole.bases_per_block, total, seed);
        for (const auto& update : updates) {
            sketches.push_back(project(update, seed));
            const std::vector<double> bounds =
                coordinate_error_bounds(layout, basis, whole.bases_per_block, update, seed);
            for (std::size_t k = 0; k < bounds.size(); ++k) tolerance[k] += bounds[k];
        }
        const Sketch added = ferret::sum(sketches);
        CHECK(added.seed == seed);
        CHECK(added.bases_per_block == whole.bases_per_block);
        REQUIRE(added.coordinates.size() == whole.coordinates.size());
        double squares = 0.0;
        for (std::size_t k = 0; k < tolerance.size(); ++k) {
            // The sum itself is rounded to float once more.
            const auto actual = static_cast<double>(added.coordinates[k]);
            const auto expected = static_cast<double>(whole.coordinates[k]);
            CHECK(std::abs(actual - expected) <=
                  tolerance[k] + std::ldexp(std::abs(expected), -23));
            squares += expected * expected;
        }
        // The tolerance means something: it is far below the coordinates' root mean square.
        for (const double bound : tolerance) CHECK(bound < 1e-2 * std::sqrt(squares / 12.0));
    }
}

TEST_CASE("scaling a sketch scales its update") {
    const Layout layout = Layout::per_tensor({1000});
    std::vector<float> half = simple_update(1000);
    for (float& value : half) value *= 0.5f;
    for (const ferret::Basis& basis : ferret::all_bases) {
        // Powers of two scale every rounding alike.
        const Projector project{layout, basis, ferret::Uniform{8}};
        Sketch sketch = project(simple_update(1000), Seed{42, 7});
        sketch.scale(0.5f);
        CHECK(sketch == project(half, Seed{42, 7}));
    }
    Sketch sketch = small();
    sketch.scale(-3.0f);
    CHECK(sketch.coordinates == std::vector<float>{-3, -6, -9, -12, -15});
    CHECK(sketch.bases_per_block == small().bases_per_block);
}

TEST_CASE("a scaling that is not finite leaves the sketch as it was") {
    Sketch sketch = small();
    for (const float factor : {std::numeric_limits<float>::infinity(), std::nanf(""),
                               std::numeric_limits<float>::max()}) {
        CHECK_THROWS_AS(sketch.scale(factor), ferret::NonFinite);
        CHECK(sketch == small());
    }
}

TEST_CASE("sums are taken in double and rounded once") {
    Sketch large = small();
    Sketch tiny = small();
    large.coordinates = {1.0f, 1e30f, 0.0f, 0.0f, 0.0f};
    tiny.coordinates = {0x1p-25f, -1e30f, 0.0f, 0.0f, 0.0f};
    // In float, 1 would swallow each 2^-25; two of them make half a unit, three move it.
    const std::vector<Sketch> sketches{large, tiny, tiny, tiny, large};
    const Sketch total = ferret::sum(sketches);
    CHECK(total.coordinates[0] == 2.0f);  // 3 * 2^-25 is below half a unit of 2, 2^-24 ... 2^-23
    const Sketch moved = ferret::sum(std::vector<Sketch>{large, tiny, tiny, tiny});
    CHECK(moved.coordinates[0] == 1.0f + 0x1p-23f);
    CHECK(ferret::sum(std::vector<Sketch>{large, tiny}).coordinates[1] == 0.0f);
    CHECK(ferret::sum(std::vector<Sketch>{small()}) == small());
}

TEST_CASE("a sketch counts for its weight in a sum") {
    const std::vector<Sketch> sketches{small(), small()};
    const Sketch weighted = ferret::sum(sketches, std::vector<double>{0.5, 2.25});
    Sketch expected = small();
    for (float& coordinate : expected.coordinates) coordinate *= 2.75f;  // exact: few bits each
    CHECK(weighted == expected);
    CHECK(ferret::sum(sketches, std::vector<double>{1.0, 1.0}) == ferret::sum(sketches));
    CHECK(contains(error_message<ferret::SketchMismatch>(
                       [&] { static_cast<void>(ferret::sum(sketches, std::vector<double>{1.0})); }),
                   "expected 2 weights, got 1"));
}

TEST_CASE("dense sketches with different K add, the shorter ones padded with zeros") {
    const Sketch other{{42, 7}, ferret::Gaussian::id, 99, {3, 1}, {10, 20, 30, 40}};
    const Sketch total = ferret::sum(std::vector<Sketch>{small(), other});
    CHECK(total.bases_per_block == std::vector<std::uint32_t>{3, 3});
    CHECK(total.coordinates == std::vector<float>{11, 22, 30, 43, 4, 5});

    // It is what both of them rebuild: basis k does not depend on K. Tolerance: up to 16 fused
    // multiply-adds and an addition, a rounding of 2^-24 each, of the sum of all magnitudes.
    const Layout layout = Layout::per_tensor({500});
    for (const ferret::Basis& basis : ferret::all_bases) {
        if (ferret::is_sparse(basis)) continue;
        const std::vector<Sketch> two{
            Projector{layout, basis, ferret::Uniform{5}}(simple_update(500, 1), Seed{42, 7}),
            Projector{layout, basis, ferret::Uniform{8}}(simple_update(500, 2), Seed{42, 7})};
        std::vector<float> apart(500, 0.0f);
        std::vector<float> together(500, 0.0f);
        const ferret::Reconstructor reconstruct{layout, basis};
        reconstruct(std::span(two), apart, 1.0f);
        reconstruct(ferret::sum(two), together, 1.0f);
        double magnitude = 0.0;
        for (const Sketch& sketch : two)
            for (const float coordinate : sketch.coordinates)
                magnitude += std::abs(static_cast<double>(coordinate));
        double largest_entry = 0.0;
        for (std::uint32_t k = 0; k < 8; ++k)
            for (std::uint64_t i = 0; i < 500; ++i)
                largest_entry = std::max(largest_entry, std::abs(ferret::reference::entry(
                                                            basis, layout, {42, 7}, 0, 8, k, i)));
        for (std::size_t i = 0; i < 500; ++i)
            CHECK(std::abs(static_cast<double>(apart[i]) - together[i]) <=
                  17.0 * std::ldexp(magnitude * largest_entry, -24));
    }
}

TEST_CASE("sketches over different bases do not add") {
    const auto with = [](auto&& change) {
        Sketch sketch = small();
        change(sketch);
        return std::vector<Sketch>{small(), sketch};
    };
    CHECK(contains(sum_message({}), "expected sketches, got none"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.seed.value = 43; })),
                   "sketch 1: expected seed 42 round 7, got seed 43 round 7"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.seed.round = 8; })), "got seed 42 round 8"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.basis = ferret::Rademacher::id; })),
                   "expected basis gaussian, got rademacher"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.layout_fingerprint = 98; })), "layout"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.bases_per_block = {2, 2, 1}; })), "layout"));
    CHECK(contains(sum_message(with([](Sketch& s) { s.coordinates.pop_back(); })),
                   "expected 5 coordinates for its blocks, got 4"));
    CHECK_THROWS_AS(static_cast<void>(ferret::sum(
                        with([](Sketch& s) { s.basis = static_cast<ferret::BasisId>(77); }))),
                    ferret::Error);

    Sketch sparse = small();
    sparse.basis = ferret::SparseSign::id;
    Sketch other = sparse;
    other.bases_per_block = {3, 2};
    CHECK(contains(sum_message({sparse, other}), "expected 2 sparse-sign bases in block 0, got 3"));
}

TEST_CASE("a sum that overflows is refused") {
    Sketch large = small();
    large.coordinates[3] = std::numeric_limits<float>::max();
    CHECK(contains(error_message<ferret::NonFinite>([&] {
                       static_cast<void>(ferret::sum(std::vector<Sketch>{large, large}));
                   }),
                   "at 3"));
}
