#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <limits>
#include <random>
#include <span>
#include <vector>

using ferret::Basis;
using ferret::Extent;
using ferret::Layout;
using ferret::PartialNorms;
using ferret::PartialSketch;
using ferret::Projector;
using ferret::Shard;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::same_bits;
using ferret_test::seed;
using ferret_test::simple_update;
using ferret_test::take;

namespace {

constexpr std::size_t segment = ferret::dense_segment_size;

std::vector<Shard> shards_of(const Layout& layout, std::span<const std::uint64_t> sizes,
                             std::uint32_t count) {
    std::vector<Shard> shards;
    for (std::uint32_t index = 0; index < count; ++index)
        shards.push_back(Shard::whole_segments(layout, sizes, count, index));
    return shards;
}

/// Segments dealt out at random: shards that do not hold one after the other.
std::vector<Shard> scattered_shards(const Layout& layout, std::span<const std::uint64_t> sizes) {
    std::mt19937 random(5);
    std::vector<std::vector<Extent>> extents(3);
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (const ferret::Segment& one :
             ferret::segments_of(block, layout.block_size(block), sizes[block])) {
            // In two pieces, as if a tensor ended within.
            const std::uint64_t begin = layout.block_offset(block) + one.begin;
            const std::uint64_t first = (one.end - one.begin) / 3;
            std::vector<Extent>& to = extents[random() % 3];
            to.push_back({begin, first});
            to.push_back({begin + first, one.end - one.begin - first});
        }
    std::vector<Shard> shards;
    for (std::vector<Extent>& list : extents) {
        std::shuffle(list.begin(), list.end(), random);
        shards.emplace_back(std::move(list));
    }
    return shards;
}

/// An update that is exact in no sum: any other order of addition gives other bits somewhere.
std::vector<float> rough_update(std::size_t size) {
    std::vector<float> update = simple_update(size);
    for (std::size_t i = 0; i < size; ++i)
        update[i] *= 1.0f + static_cast<float>(i % 1013) * 0x1p-9f;
    return update;
}

// Tensors that segments cut across, in blocks of three segments and of two.
const Layout several_segments =
    Layout::uniform({segment + 999, segment - 5, 2 * segment + 77777, 1000}, 3 * segment - 7);
// Small blocks, of a segment each.
const Layout small_blocks = Layout::uniform({20000}, 9000);

void check_combined(const Layout& layout, const Basis& basis,
                    const std::vector<std::uint32_t>& bases, const std::vector<float>& delta) {
    CAPTURE(ferret::basis_name(basis));
    CAPTURE(bases[0]);
    const Sketch expected = ferret::reference::project(layout, basis, bases, delta, seed);
    const std::vector<std::uint64_t> sizes = ferret::segment_sizes(layout, basis, bases);
    const Projector project{layout, basis, ferret::Uniform{2 * layout.block_count()}};
    std::vector<std::vector<Shard>> cuts{scattered_shards(layout, sizes)};
    for (const std::uint32_t count : {1u, 2u, 3u, 5u})
        cuts.push_back(shards_of(layout, sizes, count));
    for (const std::vector<Shard>& shards : cuts) {
        CAPTURE(shards.size());
        std::vector<PartialSketch> parts;
        for (const Shard& shard : shards)
            parts.push_back(
                project.project_part(take(std::span(delta), shard), shard, bases, seed));
        std::reverse(parts.begin(), parts.end());
        const Sketch combined = ferret::combine(layout, basis, parts);
        CHECK(combined == expected);
        CHECK(same_bits(combined.coordinates, expected.coordinates));
    }
}

/// Parts of two shards to spoil.
struct SmallParts {
    Layout layout = small_blocks;
    Basis basis = ferret::Rademacher{};
    std::vector<PartialSketch> parts;

    SmallParts() {
        const std::vector<float> delta = simple_update(20000);
        const std::vector<std::uint32_t> bases{3, 4, 2};
        for (const Shard& shard : shards_of(layout, ferret::segment_sizes(layout, basis), 2))
            parts.push_back(Projector{layout, basis, ferret::Uniform{9}}.project_part(
                take(std::span(delta), shard), shard, bases, seed));
    }

    template <class Error>
    std::string message() const {
        return error_message<Error>(
            [&] { static_cast<void>(ferret::combine(layout, basis, parts)); });
    }
};

}  // namespace

TEST_CASE("the parts of all shards combine to the very sketch of the whole model") {
    const std::vector<float> delta = rough_update(several_segments.element_count());
    for (const Basis& basis : ferret::all_bases)
        check_combined(several_segments, basis, {2, 3}, delta);
    // A stretch of 64 chunks, and segments that are larger than a dense basis's.
    check_combined(several_segments, ferret::SparseSign{}, {1500, 40000}, delta);
}

TEST_CASE("models of fewer segments than shards leave some shards empty") {
    const std::vector<float> delta = rough_update(20000);
    for (const Basis& basis : ferret::all_bases)
        check_combined(small_blocks, basis, {7, 300, 5}, delta);
}

TEST_CASE("a part has one sum a basis for a block's beginning and for each segment behind it") {
    const std::vector<float> delta = simple_update(several_segments.element_count());
    const std::vector<std::uint32_t> bases{2, 3};
    const Basis basis = ferret::Rademacher{};
    const Projector project{several_segments, basis, ferret::Uniform{4}};
    const auto part = [&](std::uint32_t index) {
        const Shard shard = Shard::whole_segments(
            several_segments, ferret::segment_sizes(several_segments, basis, bases), 2, index);
        return project.project_part(take(std::span(delta), shard), shard, bases, seed);
    };
    CHECK(part(0).runs == std::vector<ferret::SegmentRun>{{0, 0, 2}});
    CHECK(part(0).sums.size() == 2);
    CHECK(part(1).runs == std::vector<ferret::SegmentRun>{{0, 2, 1}, {1, 0, 2}});
    CHECK(part(1).sums.size() == 2 + 3);
}

TEST_CASE("before and after make the parts that their difference does") {
    const std::vector<float> before = simple_update(20000, 1);
    const std::vector<float> after = simple_update(20000, 2);
    std::vector<float> delta(20000);
    for (std::size_t i = 0; i < delta.size(); ++i) delta[i] = before[i] - after[i];
    const Projector project{small_blocks, ferret::Gaussian{}, ferret::Uniform{9}};
    const Shard shard({{9000, 11000}});
    const auto of = [&](const std::vector<float>& whole) { return take(std::span(whole), shard); };
    CHECK(project.project_part(of(before), of(after), shard, {3, 4, 2}, seed) ==
          project.project_part(of(delta), shard, {3, 4, 2}, seed));
    CHECK(project.part_squared_norms(of(before), of(after), shard) ==
          project.part_squared_norms(of(delta), shard));
}

TEST_CASE("shards agree on the bases that the whole model would have") {
    const std::vector<float> delta = rough_update(several_segments.element_count());
    for (const Basis& basis : {Basis{ferret::TruncatedNormal<16>{}}, Basis{ferret::SparseSign{}}}) {
        const std::vector<std::uint64_t> sizes = ferret::segment_sizes(several_segments, basis);
        for (const ferret::BudgetRule& rule : {ferret::BudgetRule{ferret::NormShare{41}},
                                               ferret::BudgetRule{ferret::MinimumError{41}}}) {
            const Projector project{several_segments, basis, rule};
            const Sketch expected =
                project(take(std::span(delta), Shard::all(several_segments)), seed);
            for (const std::uint32_t count : {1u, 2u, 3u, 5u}) {
                const std::vector<Shard> shards = shards_of(several_segments, sizes, count);
                std::vector<PartialNorms> norms;
                for (const Shard& shard : shards)
                    norms.push_back(
                        project.part_squared_norms(take(std::span(delta), shard), shard));
                const std::vector<std::uint32_t> bases = ferret::allocate(
                    rule, several_segments, ferret::combine(several_segments, norms));
                std::vector<PartialSketch> parts;
                for (const Shard& shard : shards)
                    parts.push_back(
                        project.project_part(take(std::span(delta), shard), shard, bases, seed));
                CHECK(ferret::combine(several_segments, basis, parts) == expected);
            }
        }
    }
}

TEST_CASE("the norms of parts have the canonical order's bits") {
    const std::vector<float> delta = rough_update(several_segments.element_count());
    // Section 5 of docs/reproducibility.md, number by number.
    std::vector<double> expected;
    for (std::size_t block = 0; block < several_segments.block_count(); ++block) {
        double total = 0.0;
        for (const ferret::Segment& one :
             ferret::segments_of(block, several_segments.block_size(block), segment)) {
            double segment_sum = 0.0;
            for (std::uint64_t begin = one.begin; begin < one.end; begin += ferret::tile_size) {
                double sums[16] = {};
                for (std::uint64_t i = begin; i < std::min(begin + ferret::tile_size, one.end);
                     ++i) {
                    const auto value =
                        static_cast<double>(delta[several_segments.block_offset(block) + i]);
                    sums[i % 16] = std::fma(value, value, sums[i % 16]);
                }
                for (std::size_t width = 8; width > 0; width /= 2)
                    for (std::size_t lane = 0; lane < width; ++lane)
                        sums[lane] += sums[lane + width];
                segment_sum += sums[0];
            }
            total += segment_sum;
        }
        expected.push_back(total);
    }
    const Projector project{several_segments, ferret::Gaussian{}, ferret::Uniform{4}};
    const std::vector<std::uint64_t> sizes = ferret::norm_segment_sizes(several_segments);
    for (const std::vector<Shard>& shards :
         {shards_of(several_segments, sizes, 3), scattered_shards(several_segments, sizes)}) {
        std::vector<PartialNorms> parts;
        for (const Shard& shard : shards)
            parts.push_back(project.part_squared_norms(take(std::span(delta), shard), shard));
        CHECK(ferret::combine(several_segments, parts) == expected);
    }
}

TEST_CASE("shards of whole segments are rebuilt with the very bits of the whole model") {
    const std::vector<std::uint32_t> bases{2, 3};
    const std::vector<float> delta = simple_update(several_segments.element_count());
    for (const Basis& basis : ferret::all_bases) {
        const ferret::Reconstructor reconstruct{several_segments, basis};
        const std::vector<Sketch> sketches{
            Projector{several_segments, basis, ferret::Uniform{5}}.project_shard(
                delta, Shard({{0, delta.size()}}), bases, seed)};
        std::vector<float> whole = delta;
        std::vector<float> model = delta;
        reconstruct(std::span(sketches), take(std::span(whole), Shard::all(several_segments)),
                    -0.3f);
        for (const Shard& shard :
             shards_of(several_segments, ferret::segment_sizes(several_segments, basis, bases), 3))
            reconstruct.reconstruct_shard(sketches, shard, take(std::span(model), shard), -0.3f);
        CHECK(same_bits(model, whole));
    }
}

TEST_CASE("a shard that cuts a segment makes no part") {
    const Projector project{several_segments, ferret::SparseSign{}, ferret::Uniform{5}};
    const std::vector<float> delta = simple_update(segment);
    const Shard dense({{0, segment}});
    CHECK(contains(error_message<ferret::LayoutMismatch>([&] {
                       static_cast<void>(project.project_part(delta, dense, {3, 2}, seed));
                   }),
                   "whole segments, of 1048320 elements in block 0, got a border at its element"
                   " 1048576"));
    CHECK_NOTHROW(static_cast<void>(project.part_squared_norms(delta, dense)));
    const Shard sparse({{0, 1048320}});
    CHECK(contains(error_message<ferret::LayoutMismatch>([&] {
                       static_cast<void>(
                           project.part_squared_norms(std::span(delta).first(1048320), sparse));
                   }),
                   "of 1048576 elements in block 0"));
    CHECK_THROWS_AS(static_cast<void>(project.project_part(delta, dense, {3}, seed)),
                    ferret::LayoutMismatch);
    CHECK_THROWS_AS(static_cast<void>(project.project_part(delta, dense, {3, 1}, seed)),
                    ferret::InvalidBudget);
}

TEST_CASE("a part of numbers that are not finite, or too large, is refused") {
    const Projector project{small_blocks, ferret::Rademacher{}, ferret::Uniform{9}};
    const Shard shard({{9000, 11000}});
    std::vector<float> part(11000, 3e38f);
    CHECK(contains(error_message<ferret::NonFinite>([&] {
                       static_cast<void>(project.project_part(part, shard, {3, 4, 2}, seed));
                   }),
                   "overflows float: the update is too large"));
    part[77] = std::numeric_limits<float>::quiet_NaN();
    CHECK(contains(error_message<ferret::NonFinite>([&] {
                       static_cast<void>(project.project_part(part, shard, {3, 4, 2}, seed));
                   }),
                   "tensor 0, index 77"));
}

TEST_CASE("parts that do not belong together are refused") {
    CHECK(SmallParts().message<ferret::SketchMismatch>() == "no exception");
    SmallParts small;
    small.parts.clear();
    CHECK(contains(small.message<ferret::SketchMismatch>(), "expected parts, got none"));
    small = {};
    small.parts.pop_back();
    CHECK(contains(small.message<ferret::SketchMismatch>(), "got none"));
    small = {};
    small.parts.push_back(small.parts[1]);
    CHECK(contains(small.message<ferret::SketchMismatch>(), "part 2: expected each segment once"));
    small = {};
    small.parts[1].seed.round = 8;
    CHECK(contains(small.message<ferret::SketchMismatch>(),
                   "part 1: expected seed 42 round 7, got seed 42 round 8"));
    small = {};
    small.parts[0].basis = ferret::Gaussian::id;
    CHECK(contains(small.message<ferret::SketchMismatch>(),
                   "part 0: expected basis rademacher, got gaussian"));
    small = {};
    small.parts[1].bases_per_block[2] = 3;
    CHECK(contains(small.message<ferret::SketchMismatch>(), "part 1: expected as many bases"));
    small = {};
    for (PartialSketch& part : small.parts) part.bases_per_block[0] = 0;
    CHECK(contains(small.message<ferret::InvalidBudget>(), "in block 0, got 0"));
    small = {};
    for (PartialSketch& part : small.parts) part.bases_per_block.pop_back();
    CHECK(contains(small.message<ferret::LayoutMismatch>(), "expected 3 numbers, got 2"));
    small = {};
    small.parts[1].layout_fingerprint ^= 1;
    CHECK(contains(small.message<ferret::LayoutMismatch>(), "part 1: expected layout fingerprint"));
    small = {};
    small.parts[1].sums.push_back(0.0);
    CHECK(contains(small.message<ferret::SketchMismatch>(), "sums for its segments"));
    small = {};
    small.parts[1].sums[0] = 1e300;
    CHECK(contains(small.message<ferret::NonFinite>(), "overflows float"));
}

TEST_CASE("norms of another layout are refused") {
    std::vector<PartialNorms> parts{
        {small_blocks.fingerprint(), {{0, 0, 1}, {1, 0, 1}}, {1.0, 2.0}},
        {small_blocks.fingerprint(), {{2, 0, 1}}, {3.0}}};
    CHECK(ferret::combine(small_blocks, parts) == std::vector<double>{1.0, 2.0, 3.0});
    parts[1].layout_fingerprint ^= 1;
    CHECK(contains(error_message<ferret::LayoutMismatch>(
                       [&] { static_cast<void>(ferret::combine(small_blocks, parts)); }),
                   "part 1: expected layout fingerprint"));
}
