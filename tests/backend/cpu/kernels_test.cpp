#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ferret/backend/cpu/project_sparse.hpp>
#include <ferret/block/tiling.hpp>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <span>
#include <vector>

// The kernels against the obvious loops of reference.hpp, number for number.

using ferret::Cpu;
using ferret::Layout;
using ferret::Sketch;
using ferret_test::seed;

namespace {

/// Projects and rebuilds with the kernels of every instruction set, and by the reference.
void check_against_reference(const Layout& layout, const ferret::Basis& basis,
                             const std::vector<std::uint32_t>& bases) {
    CAPTURE(ferret::basis_name(basis));
    const std::vector<float> delta = ferret_test::simple_update(layout.element_count());
    const ferret::Shard whole = ferret::Shard::all(layout);
    const Sketch expected = ferret::reference::project(layout, basis, bases, delta, seed);
    const std::vector<float> update =
        ferret::reference::reconstruct(layout, basis, {&expected, 1}, -0.7f);
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(static_cast<int>(set));
        const Cpu cpu{.threads = 2, .instruction_set = set};
        std::uint64_t total = 0;
        for (const std::uint32_t count : bases) total += count;
        const ferret::Projector project{layout, basis, ferret::Uniform{total}, cpu};
        CHECK(project.project_shard(delta, whole, bases, seed) == expected);
        std::vector<float> model(delta.size(), 0.0f);
        ferret::Reconstructor{layout, basis, cpu}(expected, model, -0.7f);
        CHECK(model == update);
    }
}

}  // namespace

TEST_CASE("blocks of odd sizes") {
    for (const std::size_t size :
         {1u,    2u,    3u,    15u,   16u,   17u,   31u,   33u,   63u,   64u,   65u,
          1023u, 1024u, 1025u, 4095u, 4096u, 4097u, 8191u, 8192u, 8193u, 10000u}) {
        CAPTURE(size);
        for (const ferret::Basis& basis : ferret::all_bases)
            for (const std::uint32_t bases : {2u, 5u, 70u})
                check_against_reference(
                    Layout::per_tensor({size}), basis,
                    {static_cast<std::uint32_t>(std::min<std::size_t>(bases, size))});
    }
}

TEST_CASE("several blocks, each with bases of its own") {
    // The first is a part of the tensor's size, so blocks begin and end within tensors.
    for (const ferret::Basis& basis : ferret::all_bases)
        check_against_reference(Layout::uniform({12288}, 5000), basis, {3, 130, 2});
}

TEST_CASE("SparseSign with any K from 2 to d") {
    for (const std::uint32_t bases : ferret_test::sparse_sign_bases) {
        CAPTURE(bases);
        check_against_reference(Layout::per_tensor({20000}), ferret::SparseSign{}, {bases});
    }
}

TEST_CASE("SparseSign over several stretches, and with more bases than are summed at a time") {
    check_against_reference(Layout::per_tensor({400001}), ferret::SparseSign{}, {1025});
    check_against_reference(Layout::per_tensor({400001}), ferret::SparseSign{}, {4096});
    const std::uint32_t many = ferret::cpu::sparse_bases_at_once + 77;
    check_against_reference(Layout::per_tensor({2 * many + 12345}), ferret::SparseSign{}, {many});
}

TEST_CASE("blocks larger than a segment") {
    const std::size_t size = ferret::dense_segment_size + 4096 + 17;
    for (const ferret::Basis& basis : ferret::all_bases)
        check_against_reference(Layout::per_tensor({size}), basis, {2});
    check_against_reference(Layout::per_tensor({size}), ferret::SparseSign{}, {5000});
}

TEST_CASE("updates of every magnitude") {
    // What is rounded to zero or to a subnormal number has to be so everywhere.
    const Layout layout = Layout::per_tensor({300});
    const std::vector<std::uint32_t> bases{6};
    for (const float magnitude : {1e-44f, 1e-38f, 1e-30f, 1e-20f, 1e20f}) {
        CAPTURE(magnitude);
        std::vector<float> delta = ferret_test::simple_update(300);
        for (float& value : delta) value *= magnitude;
        for (const ferret::Basis& basis : ferret::all_bases) {
            const Sketch expected = ferret::reference::project(layout, basis, bases, delta, seed);
            const std::vector<float> update =
                ferret::reference::reconstruct(layout, basis, {&expected, 1}, 1.0f);
            for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
                const Cpu cpu{.threads = 1, .instruction_set = set};
                CHECK(ferret::Projector{layout, basis, ferret::Uniform{6}, cpu}(delta, seed) ==
                      expected);
                std::vector<float> model(300, 0.0f);
                ferret::Reconstructor{layout, basis, cpu}(expected, model, 1.0f);
                CHECK(model == update);
            }
        }
    }
}

TEST_CASE_TEMPLATE("SparseSign added to models of every type, wherever they begin", T, float,
                   double, ferret::bfloat16, ferret::half) {
    const std::size_t size = 20000;
    const Layout layout = Layout::per_tensor({size});
    for (const std::uint32_t bases : {3u, 1000u, 1500u, 5000u}) {
        CAPTURE(bases);
        Sketch sketch = ferret::Projector{layout, ferret::SparseSign{}, ferret::Uniform{bases}}(
            ferret_test::simple_update(size), seed);
        sketch.coordinates[1] = 0.0f;  // which leaves +0 of a model's -0, whatever its sign
        const std::vector<float> update =
            ferret::reference::reconstruct(layout, ferret::SparseSign{}, {&sketch, 1}, 0.37f);
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
            CAPTURE(static_cast<int>(set));
            for (const std::size_t offset : {0u, 1u, 15u}) {
                // What lies around the model has to stay.
                std::vector<T> memory(offset + size + ferret::lanes);
                for (std::size_t i = 0; i < memory.size(); ++i)
                    memory[i] = static_cast<T>(i % 5 == 0 ? -0.0f : static_cast<float>(i % 100));
                std::vector<T> expected = memory;
                for (std::size_t i = 0; i < size; ++i)
                    expected[offset + i] = ferret::cpu::sum(expected[offset + i], update[i]);
                ferret::Reconstructor{layout, ferret::SparseSign{},
                                      Cpu{.threads = 2, .instruction_set = set}}(
                    sketch, std::span(memory).subspan(offset, size), 0.37f);
                CHECK(std::memcmp(memory.data(), expected.data(), memory.size() * sizeof(T)) == 0);
            }
        }
    }
}
