#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/backend/cpu/segment_sums.hpp>
#include <ferret/block/tiling.hpp>
#include <ferret/ferret.hpp>
#include <vector>

// The bits depend on nothing but the update, the seed and the blocks: not on threads, instruction
// set or where tensors end.

using ferret::Cpu;
using ferret::Layout;
using ferret::Seed;
using ferret::Sketch;
using ferret_test::same_bits;

namespace {

/// Cuts an array into tensors of these sizes.
template <class Number>
std::vector<std::span<Number>> cut(std::span<Number> whole, const std::vector<std::size_t>& sizes) {
    std::vector<std::span<Number>> tensors;
    std::size_t offset = 0;
    for (const std::size_t size : sizes) {
        tensors.push_back(whole.subspan(offset, size));
        offset += size;
    }
    return tensors;
}

constexpr std::size_t block_size = 25000;

/// Sizes that all add up to 60000.
const std::vector<std::vector<std::size_t>> cuts{
    {60000}, {1, 59999}, {4095, 1, 4097, 16, 1, 51790}, {25000, 25000, 10000}, {12345, 47655}};

struct Result {
    Sketch sketch;
    std::vector<float> model;
};

Result run(const ferret::Basis& basis, const Cpu& cpu, const std::vector<std::size_t>& sizes) {
    const Layout layout = Layout::uniform(sizes, block_size);
    const std::vector<float> before = ferret_test::simple_update(60000, 1);
    const std::vector<float> after = ferret_test::simple_update(60000, 2);
    Result result;
    // K = 300 on 3 blocks, over 64 each: several pieces of work a segment.
    result.sketch = ferret::Projector{layout, basis, ferret::MinimumError{300}, cpu}(
        cut(std::span(before), sizes), cut(std::span(after), sizes), Seed{42, 7});
    result.model = ferret_test::simple_update(60000, 3);
    ferret::Reconstructor{layout, basis, cpu}(result.sketch, cut(std::span(result.model), sizes),
                                              -0.37f);
    return result;
}

}  // namespace

TEST_CASE("threads, instruction sets and tensor cuts do not change a bit") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Result expected = run(
            basis, {.threads = 1, .instruction_set = ferret::InstructionSet::portable}, cuts[0]);
        CHECK(expected.model != ferret_test::simple_update(60000, 3));
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
            for (const int threads : {1, 2, 7}) {
                for (const std::vector<std::size_t>& sizes : cuts) {
                    // The portable kernels are slow: they take three of the ways only.
                    if (set == ferret::InstructionSet::portable &&
                        (threads != 7 || sizes.size() % 2 == 0))
                        continue;
                    CAPTURE(static_cast<int>(set));
                    CAPTURE(threads);
                    CAPTURE(sizes.size());
                    const Result actual =
                        run(basis, {.threads = threads, .instruction_set = set}, sizes);
                    CHECK(actual.sketch == expected.sketch);
                    CHECK(same_bits(actual.sketch.coordinates, expected.sketch.coordinates));
                    CHECK(same_bits(actual.model, expected.model));
                }
            }
        }
    }
}

TEST_CASE("the order of many segments' sums does not change either") {
    const std::size_t size = 3 * ferret::dense_segment_size + 12345;
    const Layout layout = Layout::per_tensor({size});
    const std::vector<float> delta = ferret_test::simple_update(size);
    for (const ferret::Basis& basis :
         {ferret::Basis{ferret::Rademacher{}}, ferret::Basis{ferret::SparseSign{}}}) {
        const auto project = [&](int threads) {
            return ferret::Projector{layout, basis, ferret::NormShare{70}, Cpu{.threads = threads}}(
                delta, Seed{42, 7});
        };
        const Sketch expected = project(1);
        CHECK(project(2) == expected);
        CHECK(project(7) == expected);
    }
}

TEST_CASE("partial sums are held in waves, and waves do not change a bit") {
    // 40 segments' worth of partial sums is over what is held at a time.
    const std::size_t size = 60000;
    static_assert(40 * (size / 2) > ferret::cpu::partial_sum_limit);
    const std::vector<std::size_t> sizes(40, size);
    const Layout layout = Layout::per_tensor(sizes);
    const std::vector<float> delta = ferret_test::simple_update(40 * size);
    const std::uint64_t bases = 40 * 30000;
    const auto project = [&](int threads) {
        return ferret::Projector{layout, ferret::SparseSign{}, ferret::Uniform{bases},
                                 Cpu{.threads = threads}}(cut(std::span(delta), sizes),
                                                          Seed{42, 7});
    };
    const Sketch whole = project(2);
    // Each block by itself, with a layout in which all others are left out of the shard.
    const ferret::Projector alone{layout, ferret::SparseSign{}, ferret::Uniform{bases}};
    for (const std::size_t block : {0u, 20u, 21u, 22u, 39u}) {
        const std::span<const float> part = std::span(delta).subspan(block * size, size);
        const Sketch sketch = alone.project_shard(part, ferret::Shard({{block * size, size}}),
                                                  whole.bases_per_block, Seed{42, 7});
        CHECK(same_bits(std::span(sketch.coordinates).subspan(block * 30000, 30000),
                        std::span(whole.coordinates).subspan(block * 30000, 30000)));
    }
    CHECK(project(1) == whole);
}
