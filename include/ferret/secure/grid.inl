#pragma once

#include <array>
#include <cmath>

#include "../backend/cpu/few_bits_kernels.hpp"
#include "../backend/cpu/instruction_set.hpp"
#include "../backend/cpu/loops.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../wire/few_bits.hpp"
#include "digits.hpp"
#include "grid.hpp"

namespace ferret::secure {

namespace detail {

/// Mean squares travel as numbers of 48 bits: so many to the square of a step.
/// Math:   2^28 to the square of half the grid, 2^(bits - 1) steps: deviations from 2^-14 to 2^10 halves
///         of the grid can be told, whatever the bits
inline double squares_per_step(unsigned bits) {
    return std::ldexp(0x1p28, -2 * (static_cast<int>(bits) - 1));
}

/// One chunk on its way to the grid or back.
struct GridChunk {
    alignas(64) std::array<float, largest_chunk> values;
    alignas(64) std::array<std::uint32_t, largest_chunk> words;

    /// The signs of a turn: a bit a number.
    void make_signs(const ferret::cpu::FewBitsKernels& kernels, const Seed& seed, unsigned turn,
                    std::size_t chunk, std::size_t size) {
        constexpr std::size_t group = elements_per_group(32);
        kernels.make_words({common_rotation_key(seed, turn), 0, static_cast<std::uint32_t>(chunk)},
                           0, (size + group - 1) / group, words.data());
    }

    /// The words that a client rounds by: one a number.
    void make_rounding(const ferret::cpu::FewBitsKernels& kernels, const Seed& seed,
                       std::uint64_t client, std::size_t chunk, std::size_t size) {
        constexpr std::size_t group = elements_per_group(1);
        kernels.make_words(
            {grid_rounding_key(seed), rotation_of(client), static_cast<std::uint32_t>(chunk)}, 0,
            size / group, words.data());
    }
};

/// What the rotation multiplies lengths by; a power of two.
FERRET_API double rotation_length(std::size_t size) {
    return std::sqrt(static_cast<double>(turn_gain(0, size) * turn_gain(1, size)));
}

FERRET_API void check_steps(std::span<const RotatedChunk> chunks, const CommonGrid& grid,
                            const std::string& where) {
    if (grid.steps.size() != chunks.size())
        throw SketchMismatch(error_text(
            {where, ": expected a grid of ", chunks.size(), " steps, got ", grid.steps.size()}));
}

/// How many coordinates the chunks hold.
FERRET_API std::size_t coordinate_count(std::span<const RotatedChunk> chunks) {
    return chunks.empty() ? 0 : chunks.back().first + chunks.back().count;
}

/// Where the integers of each chunk begin, and behind them the digits.
FERRET_API std::vector<std::size_t> grid_offsets(std::span<const RotatedChunk> chunks) {
    std::vector<std::size_t> offsets{0};
    for (const RotatedChunk& chunk : chunks) offsets.push_back(offsets.back() + chunk.size);
    return offsets;
}

/// What a chunk adds to the digits.
struct ChunkNumbers {
    std::uint64_t clipped = 0;
    std::uint64_t mean_square = 0;  ///< squares_per_step to the square of a step
};

FERRET_API ChunkNumbers round_chunk(const ferret::cpu::FewBitsKernels& kernels,
                                    std::span<const float> coordinates, const RotatedChunk& chunk,
                                    std::size_t index, const CommonGrid& grid, const Seed& seed,
                                    std::uint64_t client, const std::string& where,
                                    std::uint32_t* integers) {
    GridChunk work;
    float* const values = work.values.data();
    std::copy_n(coordinates.data() + chunk.first, chunk.count, values);
    std::fill(values + chunk.count, values + chunk.size, 0.0f);
    for (std::size_t i = 0; i < chunk.count; ++i)
        if (!(std::abs(values[i]) < few_bits_limit))
            throw NonFinite(error_text({where, ": expected coordinates under ", few_bits_limit,
                                        ", got ", values[i], " at ", chunk.first + i}));
    for (unsigned turn = 0; turn < rotation_turns; ++turn) {
        work.make_signs(kernels, seed, turn, index, chunk.size);
        kernels.turn(values, 1.0f, work.words.data(), values, chunk.size,
                     shortest_distance(turn, chunk.size), reinterpret_cast<std::uintptr_t>(values));
    }
    work.make_rounding(kernels, seed, client, index, chunk.size);

    // In double, and each sum of a product fused, so that no flag changes a bit.
    const double per_step =
        1.0 / (static_cast<double>(grid.steps[index]) * rotation_length(chunk.size));
    const auto largest = static_cast<double>(grid.largest());
    ChunkNumbers numbers;
    double squares = 0.0;
    for (std::size_t i = 0; i < chunk.size; ++i) {
        const auto value = static_cast<double>(values[i]);
        const double position = std::fma(value, per_step, 0.5 * largest);
        const double uniform = std::fma(static_cast<double>(work.words[i]), 0x1p-32, 0x1p-33);
        const double rounded = std::floor(position + uniform);
        integers[i] = static_cast<std::uint32_t>(std::clamp(rounded, 0.0, largest));
        if (position < 0.0 || position > largest) ++numbers.clipped;
        squares = std::fma(value * per_step, value * per_step, squares);
    }
    numbers.mean_square = static_cast<std::uint64_t>(
        (std::min)(squares / static_cast<double>(chunk.size) * squares_per_step(grid.bits),
                   static_cast<double>(largest_digit_number)));
    return numbers;
}

FERRET_API void read_chunk(const ferret::cpu::FewBitsKernels& kernels, const std::uint32_t* sums,
                           std::size_t clients, const RotatedChunk& chunk, std::size_t index,
                           float step, std::uint32_t largest_integer, const Seed& seed,
                           std::span<float> coordinates) {
    GridChunk work;
    float* const values = work.values.data();
    const std::uint64_t most = std::uint64_t{largest_integer} * clients;
    for (std::size_t i = 0; i < chunk.size; ++i)
        values[i] = static_cast<float>(2 * static_cast<std::int64_t>(sums[i]) -
                                       static_cast<std::int64_t>(most));
    const auto ahead = reinterpret_cast<std::uintptr_t>(values);
    kernels.hadamard(values, chunk.size, shortest_distance(1, chunk.size), ahead);
    work.make_signs(kernels, seed, 1, index, chunk.size);
    kernels.turn(values, 1.0f, work.words.data(), values, chunk.size,
                 shortest_distance(0, chunk.size), ahead);
    work.make_signs(kernels, seed, 0, index, chunk.size);
    const double scale = static_cast<double>(step) / 2.0 / static_cast<double>(clients) /
                         rotation_length(chunk.size);
    kernels.flip_signs(values, static_cast<float>(scale), work.words.data(), chunk.size, values);
    std::copy_n(values, chunk.count, coordinates.data() + chunk.first);
}

}  // namespace detail

FERRET_API float grid_reach(unsigned bits) {
    constexpr std::array<float, most_grid_bits> reaches{1.6f, 2.35f, 2.85f, 3.25f, 3.6f,  3.9f,
                                                        4.2f, 4.5f,  4.75f, 5.0f,  5.25f, 5.5f,
                                                        5.7f, 5.95f, 6.15f, 6.35f};
    if (bits < 1 || bits > most_grid_bits)
        throw InvalidBudget(
            error_text({"common grid: expected 1 to ", most_grid_bits, " bits, got ", bits}));
    return reaches[bits - 1];
}

FERRET_API CommonGrid grid_of(unsigned bits, std::span<const float> deviations) {
    const IeeeArithmetic ieee;
    const auto reach = static_cast<double>(grid_reach(bits));
    CommonGrid grid{bits, {}};
    for (const float deviation : deviations) {
        if (!is_finite(deviation))
            throw NonFinite(
                error_text({"common grid: expected finite deviations, got ", deviation}));
        if (deviation < 0.0f)
            throw InvalidBudget(
                error_text({"common grid: expected deviations from 0 on, got ", deviation}));
        const double step =
            2.0 * reach * static_cast<double>(deviation) / static_cast<double>(grid.largest());
        grid.steps.push_back(
            std::clamp(static_cast<float>((std::min)(step, 0x1p100)), smallest_step, largest_step));
    }
    return grid;
}

FERRET_API std::size_t grid_length(std::span<const RotatedChunk> chunks, unsigned bits) {
    return detail::grid_offsets(chunks).back() + (1 + chunks.size()) * digit_count(bits);
}

FERRET_API std::vector<std::uint32_t> round_to_grid(std::span<const float> coordinates,
                                                    std::span<const RotatedChunk> chunks,
                                                    const CommonGrid& grid, const Seed& seed,
                                                    std::uint64_t client, const Cpu& backend,
                                                    const std::string& where) {
    const IeeeArithmetic ieee;
    detail::check_steps(chunks, grid, where);
    const std::size_t count = detail::coordinate_count(chunks);
    if (coordinates.size() != count)
        throw SketchMismatch(
            error_text({where, ": expected ", count, " coordinates, got ", coordinates.size()}));
    const ferret::cpu::FewBitsKernels& kernels =
        ferret::cpu::few_bits_kernels_of(backend.instruction_set);
    const std::vector<std::size_t> offsets = detail::grid_offsets(chunks);
    std::vector<std::uint32_t> integers(offsets.back());
    std::vector<detail::ChunkNumbers> numbers(chunks.size());
    parallel_for(backend, chunks.size(), [&](std::size_t i) {
        numbers[i] = detail::round_chunk(kernels, coordinates, chunks[i], i, grid, seed, client,
                                         where, integers.data() + offsets[i]);
    });
    std::uint64_t clipped = 0;
    for (const detail::ChunkNumbers& chunk : numbers) clipped += chunk.clipped;
    append_digits(integers, (std::min)(clipped, largest_digit_number), grid.bits);
    for (const detail::ChunkNumbers& chunk : numbers)
        append_digits(integers, chunk.mean_square, grid.bits);
    return integers;
}

FERRET_API GridMean read_grid(std::span<const std::uint32_t> sums, std::size_t clients,
                              std::span<const RotatedChunk> chunks, const CommonGrid& grid,
                              const Seed& seed, const Cpu& backend) {
    const IeeeArithmetic ieee;
    detail::check_steps(chunks, grid, "common grid");
    const std::size_t length = grid_length(chunks, grid.bits);
    if (sums.size() != length || clients == 0)
        throw SketchMismatch(error_text({"common grid: expected ", length, " sums of clients, got ",
                                         sums.size(), " of ", clients}));
    const std::uint64_t most = std::uint64_t{grid.largest()} * clients;
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (sums[i] > most)
            throw Malformed(error_text({"common grid: expected at most ", most, " from ", clients,
                                        " clients, got ", sums[i], " at ", i}));
    const ferret::cpu::FewBitsKernels& kernels =
        ferret::cpu::few_bits_kernels_of(backend.instruction_set);
    const std::vector<std::size_t> offsets = detail::grid_offsets(chunks);
    GridMean mean;
    mean.coordinates.resize(detail::coordinate_count(chunks));
    parallel_for(backend, chunks.size(), [&](std::size_t i) {
        detail::read_chunk(kernels, sums.data() + offsets[i], clients, chunks[i], i, grid.steps[i],
                           grid.largest(), seed, mean.coordinates);
    });

    std::span<const std::uint32_t> digits = sums.subspan(offsets.back());
    const auto next_number = [&](std::uint64_t largest) {
        const std::size_t count = digit_count(grid.bits);
        const unsigned bits_before_last = grid.bits * static_cast<unsigned>(count - 1);
        // The last digit first, so that the number does not wrap.
        if (digits[count - 1] > (largest_digit_number >> bits_before_last) * clients)
            throw Malformed(error_text({"common grid: expected numbers of ", digit_number_bits,
                                        " bits from ", clients, " clients, got more"}));
        const std::uint64_t number = number_of_digits(digits.first(count), grid.bits);
        if (number > largest * clients)
            throw Malformed(error_text({"common grid: expected a number up to ", largest * clients,
                                        " from ", clients, " clients, got ", number}));
        digits = digits.subspan(count);
        return static_cast<double>(number) / static_cast<double>(clients);
    };
    mean.clipped = next_number(offsets.back()) / static_cast<double>(offsets.back());
    for (const float step : grid.steps) {
        // What reads as nothing may be up to one unit, so that a grid far too coarse gets finer.
        const double square = (std::max)(next_number(largest_digit_number), 0.5) /
                              detail::squares_per_step(grid.bits);
        mean.deviations.push_back(
            static_cast<float>(static_cast<double>(step) * std::sqrt(square)));
    }
    return mean;
}

}  // namespace ferret::secure
