#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/segment_sums.hpp>
#include <vector>

using ferret::Cpu;
using ferret::Layout;
using ferret::Segment;
using ferret::SegmentRun;
using ferret::cpu::RunSegment;

namespace {

const Layout layout = Layout::per_tensor({100, 250});
const std::vector<std::uint64_t> sizes{30, 100};

/// Sums whose result tells the order: lost, unless the largest numbers meet first.
constexpr double numbers[] = {1.0, 0x1p60, -0x1p60, 1.0};

}  // namespace

TEST_CASE("runs are cut into segments, each run with sums of its own") {
    const std::vector<SegmentRun> runs{{0, 0, 4}, {1, 1, 1}, {1, 2, 1}};
    const std::vector<std::uint32_t> counts{3, 5};
    const std::vector<RunSegment> segments = ferret::cpu::segments_of(layout, runs, sizes, counts);
    std::vector<std::vector<std::uint64_t>> seen;
    for (const auto& [segment, first_sum] : segments)
        seen.push_back({segment.block, segment.begin, segment.end, first_sum});
    CHECK(seen == std::vector<std::vector<std::uint64_t>>{{0, 0, 30, 0},
                                                          {0, 30, 60, 0},
                                                          {0, 60, 90, 0},
                                                          {0, 90, 100, 0},
                                                          {1, 100, 200, 3},
                                                          {1, 200, 250, 8}});
}

TEST_CASE("every base of every segment is summed once, and segments are added in order") {
    const std::vector<SegmentRun> runs{{0, 0, 4}, {1, 0, 3}};
    for (const std::vector<std::uint32_t>& counts :
         {std::vector<std::uint32_t>{1, 1}, {7, 20}, {20, 64}}) {
        const auto segments = ferret::cpu::segments_of(layout, runs, sizes, counts);
        for (const int threads : {1, 3})
            for (const std::uint32_t per_task : {1u, 8u, 1000u}) {
                CAPTURE(counts[1]);
                CAPTURE(threads);
                CAPTURE(per_task);
                const auto sums = ferret::cpu::sum_segments(
                    Cpu{.threads = threads}, segments, counts, per_task,
                    [](const Segment&) { return false; },
                    [&](const Segment& segment, std::uint32_t first, std::uint32_t last,
                        double* partial) {
                        // Numbers from `first` on, none beyond what a task may have.
                        CHECK(last - first <= per_task);
                        for (std::uint32_t k = 0; k < last - first; ++k)
                            partial[k] +=
                                numbers[segment.begin / sizes[segment.block]] * (1.0 + (first + k));
                    });
                REQUIRE(sums.size() == counts[0] + counts[1]);
                for (std::uint32_t k = 0; k < counts[0]; ++k) CHECK(sums[k] == 1.0 + k);
                for (std::uint32_t k = 0; k < counts[1]; ++k) CHECK(sums[counts[0] + k] == 0.0);
            }
    }
}

TEST_CASE("no segments have no sums") {
    const auto never = [](const Segment&, std::uint32_t, std::uint32_t, double*) {
        FAIL("a segment of none");
    };
    CHECK(ferret::cpu::sum_segments(
              Cpu{}, {}, {}, 8, [](const Segment&) { return true; }, never)
              .empty());
}

namespace {

/// Sums three segments of one block: how many pieces of work found sums that were not zero, which only
/// those do that add to the totals.
std::size_t pieces_that_find_sums(std::uint32_t count, std::uint32_t per_task, bool adds_once) {
    const Layout block = Layout::per_tensor({250});
    const std::vector<SegmentRun> runs{{0, 0, 3}};
    const std::vector<std::uint32_t> counts{count};
    const std::vector<std::uint64_t> size{100};
    std::atomic<std::size_t> found = 0;
    const auto sums = ferret::cpu::sum_segments(
        Cpu{.threads = 2}, ferret::cpu::segments_of(block, runs, size, counts), counts, per_task,
        [&](const Segment&) { return adds_once; },
        [&](const Segment& segment, std::uint32_t first, std::uint32_t last, double* partial) {
            found += partial[0] != 0.0;
            for (std::uint32_t k = 0; k < last - first; ++k)
                partial[k] += numbers[segment.begin / 100] + (segment.begin == 0 ? first + k : 0);
        });
    std::size_t wrong = sums.size() != count;
    for (std::uint32_t k = 0; k < count; ++k) wrong += sums[k] != ((1.0 + k) + 0x1p60) + -0x1p60;
    CHECK(wrong == 0);
    return found;
}

}  // namespace

TEST_CASE("waves of more sums than are held at a time") {
    constexpr auto limit = static_cast<std::uint32_t>(ferret::cpu::partial_sum_limit);
    for (const std::uint32_t count : {limit / 3, limit / 2 + 1, limit, limit + 9})
        CHECK(pieces_that_find_sums(count, count / 3, false) == 0);
}

TEST_CASE("a segment that keeps all threads busy adds to the totals, if it adds but once") {
    CHECK(pieces_that_find_sums(10, 3, false) == 0);
    CHECK(pieces_that_find_sums(10, 3, true) == 2 * 4);  // four pieces of the second and third
    // One piece leaves a thread idle, where there are two.
    const bool alone = ferret::threads_of(Cpu{.threads = 2}) == 1;
    CHECK(pieces_that_find_sums(10, 10, true) == (alone ? 2 : 0));
}
