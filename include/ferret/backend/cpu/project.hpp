#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "cpu.hpp"
#include "dense_kernels.hpp"
#include "sparse_kernels.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Calls run(segment, first, last, partial) for pieces of work that together cover every base
/// first .. last - 1 of every segment, in parallel; then adds the segments' partial sums in order.
/// Shapes: counts[l]: numbers that a segment of block l yields -> sum of counts
/// Cost:   memory O(sum of counts + partial_limit), whatever the number of segments
template <class Run>
std::vector<double> sum_segments(const Cpu& cpu, std::span<const Segment> segments,
                                 std::span<const std::uint32_t> counts, std::uint32_t per_task,
                                 const Run& run) {
    constexpr std::size_t partial_limit = std::size_t{1} << 17;
    struct Task {
        std::size_t segment;
        std::uint32_t first;
        std::uint32_t last;
        std::size_t partial;
    };
    std::vector<std::size_t> offsets{0};
    for (const std::uint32_t count : counts) offsets.push_back(offsets.back() + count);
    std::vector<double> totals(offsets.back(), 0.0);

    // Waves of consecutive segments, so that few partial sums are held at a time.
    std::vector<Task> tasks;
    std::vector<double> partials;
    for (std::size_t begin = 0; begin < segments.size();) {
        tasks.clear();
        std::size_t held = 0;
        std::size_t end = begin;
        for (; end < segments.size(); ++end) {
            const std::uint32_t count = counts[segments[end].block];
            if (end > begin && held + count > partial_limit) break;
            for (std::uint32_t first = 0; first < count; first += std::min(per_task, count - first))
                tasks.push_back(
                    {end, first, first + std::min(per_task, count - first), held + first});
            held += count;
        }
        partials.assign(held, 0.0);
        parallel_for(cpu, tasks.size(), [&](std::size_t i) {
            const Task& task = tasks[i];
            run(segments[task.segment], task.first, task.last, partials.data() + task.partial);
        });
        std::size_t partial = 0;
        for (std::size_t s = begin; s < end; ++s) {
            const std::size_t block = segments[s].block;
            for (std::uint32_t k = 0; k < counts[block]; ++k)
                totals[offsets[block] + k] += partials[partial++];
        }
        begin = end;
    }
    return totals;
}

/// ||Delta_l||^2 of every block.
/// Math:   lane j of 16 adds the squares of elements j, j + 16, ... of a tile in double; lanes,
///         tiles and segments are added like a dense coordinate's, all in double
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any number of threads and tensor cut
inline std::vector<double> squared_norms(const Cpu& cpu, const Layout& layout,
                                         UpdateReader& update) {
    std::vector<Segment> segments;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (const Segment& segment :
             segments_of(block, layout.block_size(block), dense_segment_size))
            segments.push_back(segment);
    const std::vector<std::uint32_t> counts(layout.block_count(), 1);
    std::vector<double> norms = sum_segments(
        cpu, segments, counts, 1,
        [&](const Segment& segment, std::uint32_t, std::uint32_t, double* partial) {
            std::array<float, tile_size> tile;
            for (std::uint64_t begin = segment.begin; begin < segment.end; begin += tile_size) {
                const auto count =
                    static_cast<std::size_t>(std::min(tile_size, segment.end - begin));
                if (!update.load(layout.block_offset(segment.block) + begin, count, tile.data()))
                    continue;
                std::array<double, lanes> sums{};
                for (std::size_t i = 0; i < count; ++i) {
                    const auto value = static_cast<double>(tile[i]);
                    sums[i % lanes] = std::fma(value, value, sums[i % lanes]);
                }
                for (std::size_t width = lanes / 2; width > 0; width /= 2)
                    for (std::size_t lane = 0; lane < width; ++lane)
                        sums[lane] += sums[lane + width];
                *partial += sums[0];
            }
        });
    update.check_finite();
    return norms;
}

/// Coordinates of a dense basis.
/// Math:   gamma = V^T Delta / (rho K) with v = amplitude * raw: the raw sum over
///         amplitude * E[raw^2] * K, in double, rounded to float once
/// Throws: NonFinite naming tensor and index
template <DenseBasis B>
std::vector<float> project_dense(const Cpu& cpu, const Layout& layout, UpdateReader& update,
                                 const PhiloxKey& key,
                                 std::span<const std::uint32_t> bases_per_block) {
    constexpr std::uint32_t bases_per_task = 64;
    std::vector<typename B::Block> laws;
    std::vector<Segment> segments;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        laws.emplace_back(layout.block_size(block));
        for (const Segment& segment :
             segments_of(block, layout.block_size(block), dense_segment_size))
            segments.push_back(segment);
    }
    const std::vector<double> totals = sum_segments(
        cpu, segments, bases_per_block, bases_per_task,
        [&](const Segment& segment, std::uint32_t first, std::uint32_t last, double* partial) {
            alignas(64) std::array<float, tile_size> tile{};
            for (std::uint64_t begin = segment.begin; begin < segment.end; begin += tile_size) {
                const auto count =
                    static_cast<std::size_t>(std::min(tile_size, segment.end - begin));
                std::fill(tile.begin() + static_cast<std::ptrdiff_t>(count), tile.end(), 0.0f);
                if (!update.load(layout.block_offset(segment.block) + begin, count, tile.data()))
                    continue;
                for (std::uint32_t k = first; k < last; ++k)
                    partial[k - first] += static_cast<double>(DenseKernels<B>::dot(
                        cpu.instruction_set, laws[segment.block],
                        {key, static_cast<std::uint32_t>(segment.block), k, begin}, count,
                        tile.data()));
            }
        });
    update.check_finite();

    std::vector<float> coordinates;
    coordinates.reserve(totals.size());
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const double divisor = laws[block].amplitude() * laws[block].raw_second_moment() *
                               static_cast<double>(bases_per_block[block]);
        for (std::uint32_t k = 0; k < bases_per_block[block]; ++k)
            coordinates.push_back(static_cast<float>(totals[coordinates.size()] / divisor));
    }
    return coordinates;
}

/// Coordinates of SparseSign: the signed sum of each basis's elements, as rho K = 1.
/// Throws: NonFinite naming tensor and index
inline std::vector<float> project_sparse(const Cpu& cpu, const Layout& layout, UpdateReader& update,
                                         const PhiloxKey& key,
                                         std::span<const std::uint32_t> bases_per_block) {
    constexpr std::uint32_t bases_per_task = 4096;
    std::vector<SparseKernels> blocks;
    std::vector<Segment> segments;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        blocks.emplace_back(key, static_cast<std::uint32_t>(block), bases_per_block[block]);
        for (const Segment& segment :
             segments_of(block, layout.block_size(block),
                         sparse_segment_size(blocks.back().block().chunk_size())))
            segments.push_back(segment);
    }
    const std::vector<double> totals = sum_segments(
        cpu, segments, bases_per_block, bases_per_task,
        [&](const Segment& segment, std::uint32_t first, std::uint32_t last, double* partial) {
            const SparseKernels& kernels = blocks[segment.block];
            const std::uint64_t offset = layout.block_offset(segment.block);
            const auto add_range = [&](std::uint64_t from, std::uint64_t to) {
                std::array<float, tile_size> tile;
                for (std::uint64_t begin = from; begin < to;) {
                    const std::uint64_t tile_end = (begin / tile_size + 1) * tile_size;
                    const auto count = static_cast<std::size_t>(std::min(tile_end, to) - begin);
                    if (update.load(offset + begin, count, tile.data())) {
                        kernels.apply_signs(begin, count, tile.data());
                        kernels.for_each_run(
                            begin, count, [&](std::size_t i, std::size_t k, std::size_t n) {
                                for (std::size_t j = 0; j < n; ++j)
                                    partial[k - first + j] += static_cast<double>(tile[i + j]);
                            });
                    }
                    begin += count;
                }
            };
            const std::uint64_t bases = kernels.block().bases();
            if (last - first == bases) return add_range(segment.begin, segment.end);

            // A part of the bases of a large K: in every chunk one run of elements, or two where
            // the rotation wraps around.
            for (std::uint64_t chunk_begin = segment.begin; chunk_begin < segment.end;
                 chunk_begin += bases) {
                const std::uint64_t rotation = kernels.block().rotation(chunk_begin / bases);
                const std::uint64_t from = (first + bases - rotation) % bases;
                const std::uint64_t to = from + (last - first);
                const auto add_clipped = [&](std::uint64_t a, std::uint64_t b) {
                    add_range(std::min(chunk_begin + a, segment.end),
                              std::min(chunk_begin + b, segment.end));
                };
                add_clipped(from, std::min(to, bases));
                if (to > bases) add_clipped(0, to - bases);
            }
        });
    update.check_finite();
    return {totals.begin(), totals.end()};
}

/// Coordinates of an update in any basis.
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                  UpdateReader& update, const PhiloxKey& key,
                                  std::span<const std::uint32_t> bases_per_block) {
    return std::visit(
        [&]<class B>(const B&) {
            if constexpr (DenseBasis<B>)
                return project_dense<B>(cpu, layout, update, key, bases_per_block);
            else
                return project_sparse(cpu, layout, update, key, bases_per_block);
        },
        basis);
}

}  // namespace ferret::cpu
