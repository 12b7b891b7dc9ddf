#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/rng/word_order.hpp>
#include <ferret/secure/digits.hpp>
#include <ferret/secure/grid.hpp>
#include <ferret/secure/packed_integers.hpp>
#include <ferret/wire/few_bits_reference.hpp>
#include <limits>
#include <numeric>
#include <vector>

using ferret::Cpu;
using ferret::RotatedChunk;
using ferret::Seed;
using ferret::secure::CommonGrid;
using ferret::secure::digit_count;
using ferret::secure::grid_length;
using ferret::secure::grid_of;
using ferret::secure::GridMean;
using ferret::secure::read_grid;
using ferret::secure::round_to_grid;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

constexpr Seed seed{42, 7};

/// Chunks of 8192, 4096, 512 and 32, of which the last one is padded.
std::vector<RotatedChunk> some_chunks() {
    const std::uint32_t bases[] = {8192 + 4096 + 512 + 17};
    return ferret::cut_into_chunks(bases);
}

std::vector<float> some_coordinates(std::size_t count, std::uint64_t salt = 1) {
    std::vector<float> coordinates = ferret_test::simple_update(count, salt);
    for (float& c : coordinates) c *= 0.125f;
    return coordinates;
}

std::size_t count_of(std::span<const RotatedChunk> chunks) {
    return chunks.back().first + chunks.back().count;
}

float deviation_of(std::span<const float> coordinates) {
    double squares = 0.0;
    for (const float c : coordinates) squares += static_cast<double>(c) * static_cast<double>(c);
    return static_cast<float>(std::sqrt(squares / static_cast<double>(coordinates.size())));
}

CommonGrid fitting_grid(unsigned bits, std::span<const RotatedChunk> chunks,
                        std::span<const float> coordinates) {
    return grid_of(bits, std::vector<float>(chunks.size(), deviation_of(coordinates)));
}

std::vector<std::uint32_t> rounded(std::span<const float> coordinates,
                                   std::span<const RotatedChunk> chunks, const CommonGrid& grid,
                                   std::uint64_t client = 0, const Cpu& backend = {},
                                   const Seed& of = seed) {
    return round_to_grid(coordinates, chunks, grid, of, client, backend, "test");
}

/// The integers of a chunk by the obvious loops, after docs/reproducibility.md.
std::vector<std::uint32_t> plainly_rounded(std::vector<float> values, std::size_t chunk, float step,
                                           std::uint32_t largest, std::uint64_t client) {
    const std::size_t size = values.size();
    double gain = 1.0;
    for (unsigned turn = 0; turn < 2; ++turn) {
        const ferret::Rademacher::Block law(size);
        const ferret::PhiloxKey key = ferret::basis_key(seed, 0x102 + turn);
        for (std::size_t i = 0; i < size; ++i)
            values[i] *= ferret::reference::raw_value<ferret::Rademacher>(
                law, key, 0, static_cast<std::uint32_t>(chunk), i);
        const std::size_t shortest = turn == 0 && size >= 4096 ? 16 : 1;
        ferret::reference::turn(values, shortest);
        gain *= static_cast<double>(size / shortest);
    }
    std::vector<std::uint32_t> integers;
    for (std::size_t i = 0; i < size; ++i) {
        const ferret::WordPosition at = ferret::word_position(i, 1);
        const std::uint32_t word =
            ferret::philox(ferret::basis_counter(at.counter, static_cast<std::uint32_t>(chunk),
                                                 static_cast<std::uint32_t>(1 + client)),
                           ferret::basis_key(seed, 0x104))[at.word];
        const double position =
            std::fma(static_cast<double>(values[i]),
                     1.0 / (static_cast<double>(step) * std::sqrt(gain)), largest / 2.0);
        const double up = (static_cast<double>(word) + 0.5) / 4294967296.0;
        integers.push_back(static_cast<std::uint32_t>(
            std::clamp(std::floor(position + up), 0.0, static_cast<double>(largest))));
    }
    return integers;
}

}  // namespace

TEST_CASE("integers are those of the rule's obvious loops, for every instruction set") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    for (const unsigned bits : {1u, 4u, 16u}) {
        const CommonGrid grid = fitting_grid(bits, chunks, coordinates);
        std::vector<std::uint32_t> expected;
        for (std::size_t c = 0; c < chunks.size(); ++c) {
            std::vector<float> values(
                coordinates.begin() + static_cast<std::ptrdiff_t>(chunks[c].first),
                coordinates.begin() +
                    static_cast<std::ptrdiff_t>(chunks[c].first + chunks[c].count));
            values.resize(chunks[c].size, 0.0f);
            for (const std::uint32_t n :
                 plainly_rounded(values, c, grid.steps[c], grid.largest(), 9))
                expected.push_back(n);
        }
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
            for (const int threads : {1, 3}) {
                const Cpu cpu{.threads = threads, .instruction_set = set};
                std::vector<std::uint32_t> found = rounded(coordinates, chunks, grid, 9, cpu);
                REQUIRE(found.size() == grid_length(chunks, bits));
                CHECK(*std::max_element(found.begin(), found.end()) <= grid.largest());
                const GridMean mean = read_grid(found, 1, chunks, grid, seed, cpu);
                CHECK(mean == read_grid(found, 1, chunks, grid, seed, {}));
                found.resize(expected.size());
                CHECK(found == expected);
            }
        }
    }
}

TEST_CASE("a fixed list has the integers, and the mean, that it has everywhere") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    const CommonGrid grid = grid_of(4, std::vector<float>(chunks.size(), 0.0625f));
    const std::vector<std::uint32_t> integers = rounded(coordinates, chunks, grid, 5);
    CHECK(ferret::crc64(ferret::secure::pack(integers, 4)) == 0x45C25C39A4D312BFu);
    const GridMean mean = read_grid(integers, 1, chunks, grid, seed, {});
    CHECK(ferret::crc64(std::as_bytes(std::span(mean.coordinates))) == 0xF07B42BC1E9F0789u);
}

TEST_CASE("with many bits a mean of clients comes back to within a step") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::size_t count = count_of(chunks);
    const CommonGrid grid = fitting_grid(16, chunks, some_coordinates(count));
    constexpr std::size_t clients = 5;
    std::vector<std::uint32_t> sums(grid_length(chunks, 16), 0);
    std::vector<double> mean(count, 0.0);
    for (std::size_t client = 0; client < clients; ++client) {
        const std::vector<float> coordinates = some_coordinates(count, client);
        const std::vector<std::uint32_t> integers = rounded(coordinates, chunks, grid, client);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += integers[i];
        for (std::size_t i = 0; i < count; ++i)
            mean[i] += static_cast<double>(coordinates[i]) / clients;
    }
    const GridMean found = read_grid(sums, clients, chunks, grid, seed, {});
    CHECK(found.clipped == 0.0);
    double squares = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const double error = static_cast<double>(found.coordinates[i]) - mean[i];
        squares += error * error;
    }
    // Rounding a number errs by at most a step, so the mean's rotated numbers do; lengths stay as they are
    // under the rotation. That of float, 26 additions with 2^-24 of at most sqrt(8192) times the largest
    // number each, is below a hundredth of a step of 2^-16.
    const auto step = static_cast<double>(grid.steps[0]);
    CHECK(std::sqrt(squares / static_cast<double>(count)) < 1.02 * step);
}

TEST_CASE("what is rounded is unbiased within the grid, and has the noise that the step gives it") {
    constexpr std::size_t size = 1024;
    const std::uint32_t bases[] = {size};
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(bases);
    const std::vector<float> coordinates = some_coordinates(size);
    // The step is so large that nothing is clipped: 7.5 steps are 6 deviations.
    const auto deviation = deviation_of(coordinates);
    const CommonGrid grid{4, {deviation * 0.8f}};
    constexpr std::size_t trials = 400;
    std::vector<double> sum(size, 0.0);
    double energy = 0.0;
    for (std::size_t t = 0; t < trials; ++t) {
        const std::vector<std::uint32_t> integers = rounded(coordinates, chunks, grid, t);
        const GridMean one = read_grid(integers, 1, chunks, grid, seed, {});
        REQUIRE(one.clipped == 0.0);
        for (std::size_t i = 0; i < size; ++i) {
            const double error = static_cast<double>(one.coordinates[i] - coordinates[i]);
            sum[i] += error;
            energy += error * error;
        }
    }
    const double step = static_cast<double>(grid.steps[0]);
    const double variance = energy / static_cast<double>(size * trials);
    // Rounding f up with probability f has the variance f (1 - f), at most 1/4 and 1/6 in the mean over f.
    CHECK(variance > 0.15 * step * step);
    CHECK(variance < 0.18 * step * step);
    // The mean error of all numbers has a chi-squared length: size of them, 6 standard deviations.
    double bias = 0.0;
    for (const double s : sum) bias += s * s / static_cast<double>(trials);
    CHECK(bias < variance * (size + 6.0 * std::sqrt(2.0 * size)));
}

TEST_CASE("deviations and clipped numbers are told by the sum itself") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    const float deviation = deviation_of(coordinates);
    for (const unsigned bits : {1u, 2u, 5u, 8u, 16u}) {
        CAPTURE(bits);
        const CommonGrid grid = fitting_grid(bits, chunks, coordinates);
        const GridMean mean =
            read_grid(rounded(coordinates, chunks, grid), 1, chunks, grid, seed, {});
        // The first three chunks are full. A sum of squares of some thousand numbers that are alike in size is
        // within 10% of their common deviation's.
        for (std::size_t c = 0; c < 3; ++c)
            CHECK(mean.deviations[c] == doctest::Approx(deviation).epsilon(0.1));
        // Twice the tail of the normal distribution, within 5 standard deviations of so many numbers, plus the
        // chunks' own differences in size.
        const double tail =
            std::erfc(static_cast<double>(ferret::secure::grid_reach(bits)) / std::sqrt(2.0));
        CHECK(mean.clipped < 1.2 * tail + 5.0 * std::sqrt(tail / 12800.0) + 1.0 / 12800.0);
        if (bits == 1) CHECK(mean.clipped > 0.8 * tail);
    }
}

TEST_CASE("deviations stay right over rounds, and a guess that is off is right one round later") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    constexpr std::size_t clients = 3;
    std::vector<std::vector<float>> coordinates;
    // The rotation keeps lengths, so a chunk's deviation is that of its coordinates and the zeros behind them.
    std::vector<double> expected(chunks.size(), 0.0);
    for (std::size_t k = 0; k < clients; ++k) {
        coordinates.push_back(some_coordinates(count_of(chunks), k));
        for (std::size_t c = 0; c < chunks.size(); ++c)
            for (std::size_t i = 0; i < chunks[c].count; ++i) {
                const auto value = static_cast<double>(coordinates[k][chunks[c].first + i]);
                expected[c] += value * value / static_cast<double>(chunks[c].size * clients);
            }
    }
    for (double& deviation : expected) deviation = std::sqrt(deviation);
    for (const unsigned bits : {1u, 5u, 12u, 15u, 16u}) {
        for (const double factor : {0x1p-10, 1.0, 0x1p10}) {
            CAPTURE(bits);
            CAPTURE(factor);
            std::vector<float> deviations;
            for (const double deviation : expected)
                deviations.push_back(static_cast<float>(factor * deviation));
            for (std::uint64_t round = 1; round <= 5; ++round) {
                CAPTURE(round);
                const Seed of{42, round};
                const CommonGrid grid = grid_of(bits, deviations);
                std::vector<std::uint32_t> sums(grid_length(chunks, bits), 0);
                for (std::size_t k = 0; k < clients; ++k) {
                    const auto integers = rounded(coordinates[k], chunks, grid, k, {}, of);
                    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += integers[i];
                }
                deviations = read_grid(sums, clients, chunks, grid, of, {}).deviations;
                // Numbers err by 26 additions' 2^-24 of their length, 1.6e-6. Squares are cut to units. A grid
                // of reach R made for f deviations has 2^28 (L / (2^b R f))^2 of them to a client's: from
                // 2.6e7 up if it fits, so that nothing is lost, and 6.3 up if it is 2^10 times too coarse, of
                // which one is lost at most.
                const double tolerance = round == 1 && factor > 1.0 ? 0.09 : 2e-6;
                for (std::size_t c = 0; c < chunks.size(); ++c)
                    CHECK(std::abs(static_cast<double>(deviations[c]) / expected[c] - 1.0) <
                          tolerance);
            }
        }
    }
}

TEST_CASE("a grid that is far off is found out in one round") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    const float deviation = deviation_of(coordinates);
    for (const float factor : {0x1p-10f, 0x1p10f}) {
        const CommonGrid off = grid_of(4, std::vector<float>(chunks.size(), factor * deviation));
        const GridMean mean =
            read_grid(rounded(coordinates, chunks, off), 1, chunks, off, seed, {});
        CHECK((mean.clipped > 0.99) == (factor < 1.0f));
        CHECK(mean.deviations[0] == doctest::Approx(deviation).epsilon(0.1));
    }
    // Far too coarse: nothing is left of the square but that the grid has to get finer.
    const CommonGrid coarse = grid_of(4, std::vector<float>(chunks.size(), 0x1p40f * deviation));
    const GridMean mean =
        read_grid(rounded(coordinates, chunks, coarse), 1, chunks, coarse, seed, {});
    CHECK(grid_of(4, mean.deviations).steps[0] < coarse.steps[0] * 0x1p-9f);
}

TEST_CASE("clients round by streams of their own, and rounds by others") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    const CommonGrid grid = fitting_grid(4, chunks, coordinates);
    const auto first = rounded(coordinates, chunks, grid, 1);
    CHECK(first == rounded(coordinates, chunks, grid, 1));
    CHECK(first != rounded(coordinates, chunks, grid, 2));
    CHECK(first != rounded(coordinates, chunks, grid, 1, {}, {42, 8}));
    // The rotation is the same for all clients: what differs is a step at most.
    const auto second = rounded(coordinates, chunks, grid, 2);
    for (std::size_t i = 0; i < count_of(chunks); ++i) {
        const auto difference =
            static_cast<std::int64_t>(first[i]) - static_cast<std::int64_t>(second[i]);
        CHECK(std::abs(difference) <= 1);
    }
}

TEST_CASE("numbers that no clients' digits make are refused") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    const std::vector<float> coordinates = some_coordinates(count_of(chunks));
    constexpr std::size_t clients = 3;
    for (unsigned bits = 1; bits <= 16; ++bits) {
        CAPTURE(bits);
        const CommonGrid grid = fitting_grid(bits, chunks, coordinates);
        std::vector<std::uint32_t> honest(grid_length(chunks, bits), 0);
        for (std::size_t k = 0; k < clients; ++k) {
            const auto integers = rounded(coordinates, chunks, grid, k);
            for (std::size_t i = 0; i < honest.size(); ++i) honest[i] += integers[i];
        }
        const auto error = [&](const std::vector<std::uint32_t>& sums) {
            return error_message<ferret::Malformed>(
                [&] { static_cast<void>(read_grid(sums, clients, chunks, grid, seed, {})); });
        };
        REQUIRE(error(honest) == "no exception");
        const std::size_t count = digit_count(bits);
        const std::size_t first = honest.size() - (1 + chunks.size()) * count;
        const auto put = [&](std::size_t at, std::uint64_t number) {
            std::vector<std::uint32_t> digits;
            ferret::secure::append_digits(digits, number, bits);
            std::vector<std::uint32_t> sums = honest;
            std::ranges::copy(digits, sums.begin() + static_cast<std::ptrdiff_t>(at));
            return sums;
        };
        // No more numbers are clipped than there are: 12832 with the last chunk's padding, of each client.
        CHECK(error(put(first, 3 * 12832)) == "no exception");
        CHECK(contains(error(put(first, 3 * 12832 + 1)),
                       "common grid: expected a number up to 38496 from 3 clients, got 38497"));
        // A last digit has as many bits as are left of 48. Its sum over the clients is as limited.
        std::vector<std::uint32_t> sums = honest;
        const std::uint64_t most =
            3 * (ferret::secure::largest_digit_number >> (bits * (count - 1)));
        sums.back() = static_cast<std::uint32_t>(most);
        CHECK((error(sums) == "no exception") == (sums[sums.size() - count] <= 3 * grid.largest()));
        if (most < 3 * grid.largest()) {
            ++sums.back();
            CHECK(contains(error(sums), "expected numbers of 48 bits from 3 clients, got more"));
        }
        // Every digit as large as a sum of three can be.
        for (std::size_t i = 1; i <= count; ++i)
            sums[sums.size() - i] = static_cast<std::uint32_t>(3 * grid.largest());
        CHECK((error(sums) == "no exception") == (48 % bits == 0));
    }
}

TEST_CASE("what no grid is made for is refused") {
    const std::vector<RotatedChunk> chunks = some_chunks();
    std::vector<float> coordinates = some_coordinates(count_of(chunks));
    const CommonGrid grid = fitting_grid(4, chunks, coordinates);
    for (const unsigned bits : {0u, 17u})
        CHECK_THROWS_AS(static_cast<void>(grid_of(bits, std::vector<float>{1.0f})),
                        ferret::InvalidBudget);
    for (const float deviation :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
        CHECK_THROWS_AS(static_cast<void>(grid_of(4, std::vector<float>{deviation})),
                        ferret::NonFinite);
    CHECK(contains(error_message<ferret::InvalidBudget>([] {
                       static_cast<void>(grid_of(4, std::vector<float>{1.0f, -0.5f}));
                   }),
                   "common grid: expected deviations from 0 on, got -0.5"));
    CHECK(grid_of(4, std::vector<float>{0.0f}).steps[0] == ferret::secure::smallest_step);
    CHECK(grid_of(4, std::vector<float>{0x1p120f}).steps[0] == ferret::secure::largest_step);

    CommonGrid short_grid = grid;
    short_grid.steps.pop_back();
    CHECK_THROWS_AS(static_cast<void>(rounded(coordinates, chunks, short_grid)),
                    ferret::SketchMismatch);
    for (const std::size_t count : {coordinates.size() - 1, coordinates.size() + 1}) {
        std::vector<float> other = coordinates;
        other.resize(count, 0.0f);
        CHECK(contains(error_message<ferret::SketchMismatch>(
                           [&] { static_cast<void>(rounded(other, chunks, grid)); }),
                       "test: expected 12817 coordinates, got 128"));
    }
    std::vector<std::uint32_t> sums = rounded(coordinates, chunks, grid);
    CHECK_THROWS_AS(static_cast<void>(read_grid(sums, 1, chunks, short_grid, seed, {})),
                    ferret::SketchMismatch);
    CHECK_THROWS_AS(static_cast<void>(read_grid(sums, 0, chunks, grid, seed, {})),
                    ferret::SketchMismatch);
    sums[5] = 16;
    CHECK(contains(error_message<ferret::Malformed>(
                       [&] { static_cast<void>(read_grid(sums, 1, chunks, grid, seed, {})); }),
                   "common grid: expected at most 15 from 1 clients, got 16 at 5"));
    sums.pop_back();
    CHECK_THROWS_AS(static_cast<void>(read_grid(sums, 1, chunks, grid, seed, {})),
                    ferret::SketchMismatch);
    for (const float bad : {std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN(), -0x1p90f}) {
        coordinates[8200] = bad;
        CHECK(contains(error_message<ferret::NonFinite>(
                           [&] { static_cast<void>(rounded(coordinates, chunks, grid)); }),
                       "at 8200"));
    }
}
