#pragma once

#include <cstdint>

#include "launch.cuh"

namespace ferret::cuda {

/// How a task adds rows of numbers in order: for 2^log2_width bases side by side at a time, so many
/// that the rows it reads at once are about as many as there are.
struct OrderedShape {
    static constexpr unsigned numbers_at_once = 2048;
    unsigned log2_width;

    FERRET_HOST_DEVICE explicit OrderedShape(std::uint64_t rows) : log2_width(5) {
        while (width() < numbers_at_once && numbers_at_once / (2 * width()) >= rows) ++log2_width;
    }
    FERRET_HOST_DEVICE unsigned width() const { return 1u << log2_width; }
    FERRET_HOST_DEVICE unsigned rows_at_once() const { return numbers_at_once >> log2_width; }
    /// Tasks for so many bases.
    FERRET_HOST_DEVICE std::uint64_t tasks(std::uint32_t bases) const {
        return (std::uint64_t{bases} + width() - 1) >> log2_width;
    }
};

/// Adds rows of numbers in order in double. Many are read at a time, or each would wait for the one
/// before it.
template <class Number>
struct OrderedSums {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 4;

    struct Shared {
        Number numbers[OrderedShape::numbers_at_once];
        double sums[OrderedShape::numbers_at_once];
    };

    /// to[b] = first(b) + from[b] + from[stride + b] + ..., `rows` numbers, for each b under `bases`
    template <class First>
    FERRET_DEVICE static void add(const Team& team, Shared& shared, const OrderedShape& shape,
                                  const Number* from, std::uint64_t rows, std::uint64_t stride,
                                  std::uint32_t bases, double* to, const First& first) {
        const unsigned width = shape.width();
        team.for_each(bases < width ? bases : width,
                      [&](unsigned b) { shared.sums[b] = first(b); });
        for (std::uint64_t row = 0; row < rows; row += shape.rows_at_once()) {
            const std::uint64_t left = rows - row;
            const unsigned count =
                left < shape.rows_at_once() ? static_cast<unsigned>(left) : shape.rows_at_once();
            team.transfer(
                count << shape.log2_width,
                [&](unsigned i) {
                    const unsigned b = i & (width - 1);
                    return b < bases ? from[(row + (i >> shape.log2_width)) * stride + b]
                                     : Number{};
                },
                [&](unsigned i, Number number) { shared.numbers[i] = number; });
            team.for_each(bases < width ? bases : width, [&](unsigned b) {
                double sum = shared.sums[b];
                for (unsigned r = 0; r < count; ++r)
                    sum += static_cast<double>(shared.numbers[(r << shape.log2_width) + b]);
                shared.sums[b] = sum;
            });
        }
        team.for_each(bases < width ? bases : width, [&](unsigned b) { to[b] = shared.sums[b]; });
    }
};

}  // namespace ferret::cuda
