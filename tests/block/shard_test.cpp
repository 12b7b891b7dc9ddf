#include "support/rounding.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <numeric>
#include <random>
#include <span>
#include <vector>

using ferret::Extent;
using ferret::Layout;
using ferret::LayoutMismatch;
using ferret::NonFinite;
using ferret::Projector;
using ferret::Reconstructor;
using ferret::Shard;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::same_bits;
using ferret_test::seed;
using ferret_test::simple_update;
using ferret_test::take;

namespace {

constexpr std::size_t element_count = 20000;
const Layout three_blocks = Layout::uniform({element_count}, 9000);  // 9000, 9000, 2000
const std::vector<std::uint32_t> bases{7, 300, 5};

/// A model cut into random extents, dealt out at random and in random order.
std::vector<Shard> random_shards(std::size_t count, std::mt19937_64& random) {
    std::vector<std::uint64_t> cuts{0, element_count};
    for (int i = 0; i < 30; ++i) cuts.push_back(random() % element_count);
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::vector<Extent>> extents(count);
    for (std::size_t i = 1; i < cuts.size(); ++i)
        extents[random() % count].push_back({cuts[i - 1], cuts[i] - cuts[i - 1]});
    std::vector<Shard> shards;
    for (auto& list : extents) {
        std::shuffle(list.begin(), list.end(), random);
        shards.emplace_back(std::move(list));
    }
    return shards;
}

/// A matrix of 100 rows and 200 columns split by columns: each shard is 100 extents.
std::vector<Shard> column_shards() {
    std::vector<Shard> shards;
    for (const auto& [begin, end] :
         {std::pair{0u, 3u}, std::pair{3u, 120u}, std::pair{120u, 200u}}) {
        std::vector<Extent> extents;
        for (std::uint64_t row = 0; row < 100; ++row)
            extents.push_back({200 * row + begin, end - begin});
        shards.emplace_back(std::move(extents));
    }
    return shards;
}

std::vector<std::vector<Shard>> all_cuts() {
    std::mt19937_64 random(3);
    return {column_shards(),
            random_shards(2, random),
            random_shards(5, random),
            {Shard::all(three_blocks), Shard({})}};
}

}  // namespace

TEST_CASE("the shards' sketches add up to that of the whole") {
    const std::vector<float> delta = simple_update(element_count);
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Projector project{three_blocks, basis, ferret::Uniform{30}};
        const Sketch whole = ferret::reference::project(three_blocks, basis, bases, delta, seed);
        // The magnitudes of all shards together are those of the whole, so the bound of the whole
        // covers all partial coordinates together as well as the whole's own.
        const std::vector<double> bounds =
            ferret_test::coordinate_error_bounds(three_blocks, basis, bases, delta, seed);
        for (const std::vector<Shard>& shards : all_cuts()) {
            std::vector<Sketch> sketches;
            for (const Shard& shard : shards)
                sketches.push_back(
                    project.project_shard(take(std::span(delta), shard), shard, bases, seed));
            const Sketch added = ferret::sum(sketches);
            CHECK(added.bases_per_block == bases);
            REQUIRE(added.coordinates.size() == whole.coordinates.size());
            for (std::size_t k = 0; k < bounds.size(); ++k) {
                const auto actual = static_cast<double>(added.coordinates[k]);
                const auto expected = static_cast<double>(whole.coordinates[k]);
                CHECK(std::abs(actual - expected) <=
                      2.0 * bounds[k] + std::ldexp(std::abs(expected), -23));
            }
        }
    }
}

TEST_CASE("a shard that is the whole model gives the whole's very sketch") {
    const std::vector<float> delta = simple_update(element_count);
    for (const ferret::Basis& basis : ferret::all_bases)
        CHECK(Projector{three_blocks, basis, ferret::Uniform{30}}.project_shard(
                  delta, Shard::all(three_blocks), bases, seed) ==
              ferret::reference::project(three_blocks, basis, bases, delta, seed));
}

TEST_CASE("the shards' squared norms add up to the blocks'") {
    const std::vector<float> delta = simple_update(element_count);
    std::vector<double> expected(3, 0.0);
    for (std::size_t i = 0; i < element_count; ++i)
        expected[i / 9000] += static_cast<double>(delta[i]) * delta[i];
    const Projector project{three_blocks, ferret::SparseSign{}, ferret::Uniform{30}};
    for (const std::vector<Shard>& shards : all_cuts()) {
        std::vector<double> added(3, 0.0);
        for (const Shard& shard : shards) {
            const std::vector<double> norms =
                project.shard_squared_norms(take(std::span(delta), shard), shard);
            for (std::size_t block = 0; block < 3; ++block) added[block] += norms[block];
        }
        CHECK(added == expected);  // multiples of 2^-20 under 2^20: exact in double
    }
}

TEST_CASE("a rebuilt shard has the very bits of the whole model") {
    const std::vector<float> before = simple_update(element_count, 5);
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const std::vector<Sketch> sketches{
            ferret::reference::project(three_blocks, basis, bases, simple_update(element_count, 1),
                                       seed),
            ferret::reference::project(three_blocks, basis, bases, simple_update(element_count, 2),
                                       {43, 7})};
        const Reconstructor reconstruct{three_blocks, basis};
        std::vector<float> whole = before;
        reconstruct(std::span(sketches), whole, -0.3f);
        for (const std::vector<Shard>& shards : all_cuts()) {
            std::vector<float> model = before;
            for (const Shard& shard : shards)
                reconstruct.reconstruct_shard(sketches, shard, take(std::span(model), shard),
                                              -0.3f);
            CHECK(same_bits(model, whole));
        }
    }
}

TEST_CASE("shards that are no part of the model are refused") {
    const Projector project{three_blocks, ferret::Gaussian{}, ferret::Uniform{30}};
    const Reconstructor reconstruct{three_blocks, ferret::Gaussian{}};
    const std::vector<Sketch> sketches{ferret::reference::project(
        three_blocks, ferret::Gaussian{}, bases, simple_update(element_count), seed)};
    const auto refuse = [&](const Shard& shard, std::string_view part) {
        std::vector<std::vector<float>> parts;
        for (const Extent& extent : shard.extents())
            parts.push_back(simple_update(std::min<std::size_t>(extent.size, 100)));
        const std::vector<std::vector<float>> untouched = parts;
        for (const std::string& message :
             {error_message<LayoutMismatch>(
                  [&] { static_cast<void>(project.project_shard(parts, shard, bases, seed)); }),
              error_message<LayoutMismatch>(
                  [&] { static_cast<void>(project.shard_squared_norms(parts, shard)); }),
              error_message<LayoutMismatch>(
                  [&] { reconstruct.reconstruct_shard(sketches, shard, parts, 1.0f); })})
            CHECK(contains(message, part));
        CHECK(parts == untouched);
    };
    refuse(Shard({{0, 100}, {99, 50}}), "do not overlap");
    refuse(Shard({{50, 10}, {0, 100}}), "do not overlap");
    refuse(Shard({{7, 5}, {7, 5}}), "do not overlap");
    refuse(Shard({{element_count - 10, 11}}), "within 20000 elements");
    refuse(Shard({{element_count + 1, 0}}), "within 20000 elements");
    refuse(Shard({{~std::uint64_t{0}, 10}}), "within 20000 elements");
    refuse(Shard({{0, 101}}), "expected 101 elements, got 100");
    CHECK_THROWS_AS(
        static_cast<void>(project.project_shard(simple_update(10), Shard({}), bases, seed)),
        LayoutMismatch);
}

TEST_CASE("shards need bases that every block can take") {
    const Projector project{three_blocks, ferret::Gaussian{}, ferret::Uniform{30}};
    const Shard shard({{0, 10}});
    const auto project_with = [&](std::vector<std::uint32_t> counts) {
        return [&project, &shard, counts] {
            static_cast<void>(project.project_shard(simple_update(10), shard, counts, seed));
        };
    };
    CHECK(contains(error_message<LayoutMismatch>(project_with({7, 300})),
                   "expected 3 numbers, got 2"));
    CHECK(contains(error_message<ferret::InvalidBudget>(project_with({7, 1, 5})),
                   "in block 1, got 1"));
    CHECK(contains(error_message<ferret::InvalidBudget>(project_with({7, 300, 2001})),
                   "expected 2 to 2000 in block 2, got 2001"));
}

TEST_CASE("numbers that are not finite are named by the shard's tensor") {
    const Projector project{three_blocks, ferret::Gaussian{}, ferret::Uniform{30}};
    const Shard shard({{15000, 10}, {100, 50}});
    std::vector<std::vector<float>> parts{simple_update(10), simple_update(50)};
    parts[0][3] = std::nanf("");
    const std::string in_first = "tensor 0, index 3";
    CHECK(contains(error_message<NonFinite>([&] {
                       static_cast<void>(project.project_shard(parts, shard, bases, seed));
                   }),
                   in_first));
    // The model's order decides what comes first, not the list's.
    parts[1][49] = std::nanf("");
    CHECK(contains(error_message<NonFinite>(
                       [&] { static_cast<void>(project.shard_squared_norms(parts, shard)); }),
                   "tensor 1, index 49"));
}

namespace {

/// Where a shard begins by the rule, found by looking at every border.
std::uint64_t nearest_border(const Layout& layout, const std::vector<std::uint64_t>& sizes,
                             std::uint64_t count, std::uint64_t index) {
    std::vector<std::uint64_t> borders{0};
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (const ferret::Segment& segment :
             ferret::segments_of(block, layout.block_size(block), sizes[block]))
            borders.push_back(layout.block_offset(block) + segment.end);
    const std::uint64_t target = index * layout.element_count() / count;
    std::uint64_t best = 0;
    const auto distance = [&](std::uint64_t border) {
        return border > target ? border - target : target - border;
    };
    for (const std::uint64_t border : borders)
        if (distance(border) < distance(best)) best = border;
    return best;
}

}  // namespace

TEST_CASE("shards of whole segments cover the model, cut at the borders nearest to equal parts") {
    std::mt19937_64 random(9);
    for (int trial = 0; trial < 300; ++trial) {
        std::vector<std::size_t> tensors;
        for (std::size_t i = 0; i <= random() % 6; ++i) tensors.push_back(1 + random() % 500);
        const Layout layout = Layout::uniform(tensors, 1 + random() % 700);
        std::vector<std::uint64_t> sizes;
        for (std::size_t block = 0; block < layout.block_count(); ++block)
            sizes.push_back(1 + random() % 200);
        const auto count = static_cast<std::uint32_t>(1 + random() % 8);
        std::uint64_t next = 0;
        std::size_t tensor = 0;
        for (std::uint32_t index = 0; index < count; ++index) {
            const Shard shard = Shard::whole_segments(layout, sizes, count, index);
            CHECK(next == nearest_border(layout, sizes, count, index));
            for (const Extent& extent : shard.extents()) {
                REQUIRE(extent.offset == next);
                REQUIRE(extent.size > 0);
                next += extent.size;
                while (layout.tensor_offset(tensor) + layout.tensor_size(tensor) <= extent.offset)
                    ++tensor;
                CHECK(next <= layout.tensor_offset(tensor) + layout.tensor_size(tensor));
            }
        }
        CHECK(next == layout.element_count());
    }
}

TEST_CASE("of two borders equally near a shard begins at the first") {
    const Layout layout = Layout::per_tensor({300});
    const std::vector<std::uint64_t> sizes{100};
    CHECK(Shard::whole_segments(layout, sizes, 2, 0).extents()[0].size == 100);
    CHECK(Shard::whole_segments(layout, sizes, 2, 1).extents()[0].offset == 100);
    // Numbers whose product needs more than 64 bits.
    const Layout large = Layout::per_tensor({std::size_t{1} << 40});
    const Shard last =
        Shard::whole_segments(large, std::vector<std::uint64_t>{1}, 0xFFFFFFFFu, 0xFFFFFFFEu);
    CHECK(last.extents()[0].offset == (std::uint64_t{1} << 40) - 257);
}

TEST_CASE("a shard of whole segments needs their sizes and its place") {
    const auto refuse = [](std::vector<std::uint64_t> sizes, std::uint32_t count,
                           std::uint32_t index, std::string_view part) {
        CHECK(contains(error_message<LayoutMismatch>([&] {
                           static_cast<void>(
                               Shard::whole_segments(three_blocks, sizes, count, index));
                       }),
                       part));
    };
    refuse({100, 100}, 2, 0, "expected 3 segment sizes, got 2");
    refuse({100, 0, 100}, 2, 0, "expected segment sizes over 0, got 0");
    refuse({100, 100, 100}, 2, 2, "expected an index under 2, got 2");
    refuse({100, 100, 100}, 0, 0, "expected an index under 0, got 0");
}
