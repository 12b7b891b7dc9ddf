#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/block/segment_run.hpp>
#include <limits>
#include <vector>

using ferret::Extent;
using ferret::Layout;
using ferret::RunSums;
using ferret::SegmentRun;
using ferret::Shard;
using ferret::SketchMismatch;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

// Blocks of 1000, 1000 and 500 elements: 3, 4 and 1 segments.
const Layout layout = Layout::uniform({700, 1800}, 1000);
const std::vector<std::uint64_t> sizes{400, 300, 600};
const std::vector<std::uint32_t> counts{2, 1, 3};

std::vector<SegmentRun> runs_of(std::vector<Extent> extents) {
    return ferret::shard_runs(layout, sizes, Shard(std::move(extents)));
}

/// A shard's runs with sums that are powers of two, by which any that is left out would show.
struct Part {
    std::vector<SegmentRun> runs;
    std::vector<double> sums;

    explicit Part(std::vector<SegmentRun> of) : runs(std::move(of)) {
        for (const SegmentRun& run : runs)
            for (std::uint32_t k = 0; k < counts[run.block]; ++k)
                sums.push_back(std::ldexp(1.0, static_cast<int>(10 * run.block + run.first)) + k);
    }
};

std::vector<double> add(const std::vector<Part>& parts) {
    std::vector<RunSums> shards;
    for (const Part& part : parts) shards.push_back({part.runs, part.sums});
    return ferret::add_runs(layout, sizes, counts, shards);
}

template <class Error = SketchMismatch>
std::string add_message(const std::vector<Part>& parts) {
    return error_message<Error>([&] { static_cast<void>(add(parts)); });
}

}  // namespace

TEST_CASE("the whole model is a run for each block") {
    CHECK(ferret::whole_runs(layout, sizes) ==
          std::vector<SegmentRun>{{0, 0, 3}, {1, 0, 4}, {2, 0, 1}});
}

TEST_CASE("a shard's segments are one run from a block's first on, and each other one its own") {
    CHECK(runs_of({}).empty());
    CHECK(runs_of({{0, 0}, {2500, 0}}).empty());
    CHECK(runs_of({{0, 2500}}) == ferret::whole_runs(layout, sizes));
    CHECK(runs_of({{1200, 1300}, {0, 700}, {700, 500}}) == ferret::whole_runs(layout, sizes));
    CHECK(runs_of({{400, 1200}}) == std::vector<SegmentRun>{{0, 1, 1}, {0, 2, 1}, {1, 0, 2}});
    CHECK(runs_of({{1600, 700}, {2300, 200}}) ==
          std::vector<SegmentRun>{{1, 2, 1}, {1, 3, 1}, {2, 0, 1}});
    CHECK(runs_of({{1900, 100}, {800, 200}, {0, 400}}) ==
          std::vector<SegmentRun>{{0, 0, 1}, {0, 2, 1}, {1, 3, 1}});
}

TEST_CASE("a shard that holds a part of a segment is refused") {
    const auto refuse = [](std::vector<Extent> extents, std::string_view part) {
        CHECK(contains(error_message<ferret::LayoutMismatch>(
                           [&] { static_cast<void>(runs_of(std::move(extents))); }),
                       part));
    };
    refuse({{0, 399}}, "of 400 elements in block 0, got a border at its element 399");
    refuse({{1, 399}}, "of 400 elements in block 0, got a border at its element 1");
    refuse({{0, 1999}}, "of 300 elements in block 1, got a border at its element 999");
    refuse({{0, 400}, {401, 599}}, "in block 0, got a border at its element 401");
    refuse({{2001, 499}}, "of 600 elements in block 2, got a border at its element 1");
}

TEST_CASE("the runs of all shards add up in the order of the segments") {
    const std::vector<double> expected{0x7p0,  0x7p0 + 3.0,  0xFp10,
                                       0x1p20, 0x1p20 + 1.0, 0x1p20 + 2.0};
    CHECK(add({Part({{0, 0, 1},
                     {0, 1, 1},
                     {0, 2, 1},
                     {1, 0, 1},
                     {1, 1, 1},
                     {1, 2, 1},
                     {1, 3, 1},
                     {2, 0, 1}})}) == expected);
    CHECK(add({Part({{2, 0, 1}, {0, 2, 1}, {1, 3, 1}}), Part({{1, 2, 1}, {0, 0, 1}}), Part({}),
               Part({{1, 1, 1}, {1, 0, 1}, {0, 1, 1}})}) == expected);
    // Not (1 + 2^-53) + 2^-53, which would be 1 + 2^-52.
    const auto sum_of = [](double first, double second, double third) {
        const std::vector<SegmentRun> runs{{0, 2, 1}, {0, 0, 1}, {0, 1, 1}};
        const std::vector<double> sums{third, first, second};
        return ferret::add_runs(Layout::per_tensor({3}), std::vector<std::uint64_t>{1},
                                std::vector<std::uint32_t>{1},
                                std::vector<RunSums>{{runs, sums}})[0];
    };
    CHECK(sum_of(1.0, 0x1p-53, 0x1p-53) == 1.0);
    CHECK(sum_of(0x1p-53, 0x1p-53, 1.0) == 1.0 + 0x1p-52);
    CHECK(!std::signbit(sum_of(-0.0, -0.0, -0.0)));
}

TEST_CASE("runs that are missing, there twice or no part of the model are refused") {
    const Part most({{0, 0, 3}, {1, 0, 2}, {1, 3, 1}});
    const Part rest({{1, 2, 1}, {2, 0, 1}});
    CHECK_NOTHROW(static_cast<void>(add({most, rest})));
    CHECK(contains(add_message({}), "expected a part with segment 0 of block 0, got none"));
    CHECK(contains(add_message({most}), "expected a part with segment 2 of block 1, got none"));
    CHECK(contains(add_message({most, Part({{1, 2, 1}})}),
                   "expected a part with segment 0 of block 2, got none"));
    CHECK(contains(add_message({most, rest, most}),
                   "part 2: expected each segment once, got segment 0 of block 0 again"));
    CHECK(contains(add_message({most, rest, Part({{1, 0, 1}})}),
                   "part 2: expected each segment once, got segment 0 of block 1 again"));
    CHECK(contains(add_message({most, rest, Part({{1, 1, 1}})}),
                   "part 2: expected each segment once, got segment 1 of block 1 again"));
    CHECK(contains(add_message({most, rest, Part({{2, 0, 1}})}),
                   "part 2: expected each segment once, got segment 0 of block 2 again"));
    Part foreign({});
    for (const auto& [run, part] :
         {std::pair{SegmentRun{3, 0, 1}, "part 1: expected blocks under 3, got 3"},
          {SegmentRun{0, 0, 4}, "one of the 3 segments of block 0, got 4 from 0"},
          {SegmentRun{0, 3, 1}, "one of the 3 segments of block 0, got 1 from 3"},
          {SegmentRun{1, 1, 2}, "one of the 4 segments of block 1, got 2 from 1"},
          {SegmentRun{1, 0, 0}, "one of the 4 segments of block 1, got 0 from 0"},
          {SegmentRun{0, 0xFFFFFFFFu, 0xFFFFFFFFu}, "got 4294967295 from 4294967295"}}) {
        foreign.runs = {run};
        CHECK(contains(add_message({most, foreign}), part));
    }
    Part short_of_one = rest;
    short_of_one.sums.pop_back();
    CHECK(contains(add_message({most, short_of_one}),
                   "part 1: expected 4 sums for its segments, got 3"));
    Part infinite = rest;
    infinite.sums[2] = std::numeric_limits<double>::infinity();
    CHECK(contains(add_message<ferret::NonFinite>({most, infinite}),
                   "part 1: expected finite sums, got inf at 2"));
}
