#include "cuda/support/device.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

// The parts that the kernels are made of.

namespace {

/// Writes what a function gives for every index.
template <class Function>
struct Tabulate {
    Function function;
    std::uint64_t* out;
    FERRET_DEVICE void operator()(std::uint64_t i) const { out[i] = function(i); }
};

template <class Function>
std::vector<std::uint64_t> tabulate(std::uint64_t count, const Function& function) {
    thrust::device_vector<std::uint64_t> table(count);
    ferret::cuda::for_each_index(
        ferret::Cuda{}, count,
        Tabulate<Function>{function, thrust::raw_pointer_cast(table.data())});
    return ferret_test::on_host(table);
}

struct Philox {
    ferret::cuda::RoundKeys keys;
    FERRET_DEVICE std::uint64_t operator()(std::uint64_t i) const {
        const ferret::PhiloxWords words =
            keys(static_cast<std::uint32_t>(i / 2 * 2654435761u), 3, 5 + low(i / 7), 11);
        return i % 2 == 0 ? ferret::join_words(words[0], words[1])
                          : ferret::join_words(words[2], words[3]);
    }
    FERRET_DEVICE static std::uint32_t low(std::uint64_t i) {
        return static_cast<std::uint32_t>(i);
    }
};

template <unsigned UniformBits>
struct Lattice {
    FERRET_DEVICE std::uint64_t operator()(std::uint64_t i) const {
        // All sixteen-bit parts; and words spread over all values.
        const auto word = static_cast<std::uint32_t>(i * 0x00010001u + i * 2654435761u * 65536u);
        const auto values =
            ferret::cuda::LatticeValues<UniformBits>{}(word, ~word, 32 / UniformBits - 1);
        const float scale = ferret::cuda::LatticeValues<UniformBits>::scale;
        return ferret::join_words(std::bit_cast<std::uint32_t>(scale * values[0]),
                                  std::bit_cast<std::uint32_t>(scale * values[1]));
    }
};

template <unsigned UniformBits>
void check_lattice() {
    const typename ferret::TruncatedNormal<UniformBits>::Block law(std::uint64_t{1} << 30);
    const std::vector<std::uint64_t> table = tabulate(1 << 17, Lattice<UniformBits>{});
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        const auto word = static_cast<std::uint32_t>(i * 0x00010001u + i * 2654435761u * 65536u);
        const auto expected = law.raw_values(word, ~word, 32 / UniformBits - 1);
        REQUIRE(table[i] == ferret::join_words(std::bit_cast<std::uint32_t>(expected[0]),
                                               std::bit_cast<std::uint32_t>(expected[1])));
    }
}

/// Row sums that are told by their place: row + 1 for each of a panel's bases.
struct RowNumbers {
    // For a GPU only.
    [[maybe_unused]] static constexpr unsigned threads = 32;
    [[maybe_unused]] static constexpr unsigned teams = 1;
    struct Shared {};
    ferret::cuda::PanelsView panels;
    float* sums;
    FERRET_DEVICE void operator()(const ferret::cuda::Team& team, Shared&,
                                  std::uint64_t index) const {
        const ferret::cuda::PanelTask task = panels.task(index);
        team.for_each(task.bases, [&](unsigned i) {
            sums[task.first_sum + i] = static_cast<float>(
                1000000 * task.panel->block + 1000 * (task.first_basis + i) + task.row + 1);
        });
    }
};

}  // namespace

TEST_CASE("Philox with its keys made beforehand") {
    const ferret::PhiloxKey key{0x12345678u, 0x9ABCDEF0u};
    const std::vector<std::uint64_t> table = tabulate(5000, Philox{ferret::cuda::RoundKeys(key)});
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        const ferret::PhiloxWords words =
            ferret::philox({static_cast<std::uint32_t>(i / 2 * 2654435761u), 3,
                            5 + static_cast<std::uint32_t>(i / 7), 11},
                           key);
        REQUIRE(table[i] == (i % 2 == 0 ? ferret::join_words(words[0], words[1])
                                        : ferret::join_words(words[2], words[3])));
    }
}

TEST_CASE("TruncatedNormal's lattice without conversions from integers") {
    check_lattice<16>();
    check_lattice<32>();
}

TEST_CASE("sums of panels do not depend on how many are held at a time") {
    const std::vector<ferret::cuda::RunRows> runs{{.block = 0,
                                                   .first_row = 0,
                                                   .rows = 25,
                                                   .rows_per_segment = 4,
                                                   .bases = 70,
                                                   .bases_per_task = 33},
                                                  {.block = 1,
                                                   .first_row = 0,
                                                   .rows = 0,
                                                   .rows_per_segment = 1,
                                                   .bases = 5,
                                                   .bases_per_task = 5},
                                                  {.block = 2,
                                                   .first_row = 0,
                                                   .rows = 1,
                                                   .rows_per_segment = 8,
                                                   .bases = 3,
                                                   .bases_per_task = 64},
                                                  {.block = 3,
                                                   .first_row = 3,
                                                   .rows = 9,
                                                   .rows_per_segment = 3,
                                                   .bases = 2,
                                                   .bases_per_task = 2},
                                                  {.block = 3,
                                                   .first_row = 15,
                                                   .rows = 3,
                                                   .rows_per_segment = 3,
                                                   .bases = 2,
                                                   .bases_per_task = 2}};
    for (const std::uint64_t most_sums : {1u, 8u, 100u, 300u, 1000u, 100000u}) {
        CAPTURE(most_sums);
        thrust::device_vector<double> device_totals(82);
        ferret::cuda::sum_panels<float>(
            ferret::Cuda{}, runs, most_sums, thrust::raw_pointer_cast(device_totals.data()),
            [](const ferret::cuda::PanelsView& panels, std::uint64_t tasks, float* sums) {
                ferret::cuda::launch(ferret::Cuda{}, tasks, RowNumbers{panels, sums});
            });
        const std::vector<double> totals = ferret_test::on_host(device_totals);
        std::size_t at = 0;
        for (const ferret::cuda::RunRows& run : runs)
            for (std::uint32_t basis = 0; basis < run.bases; ++basis, ++at) {
                double expected = 0.0;
                for (std::uint64_t row = run.first_row; row < run.first_row + run.rows; ++row)
                    expected +=
                        1000000.0 * run.block + 1000.0 * basis + static_cast<double>(row) + 1.0;
                if (run.rows > 0) CHECK(totals[at] == expected);
            }
    }
}
