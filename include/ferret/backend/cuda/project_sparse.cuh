#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "launch.cuh"
#include "panels.cuh"
#include "project_dense.cuh"
#include "round_keys.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Elements whose signs one group of eight Philox calls holds.
inline constexpr unsigned signs_per_group = elements_per_group(SparseSign::parts_per_word);
/// The words of a group's eight calls.
inline constexpr unsigned words_per_group = 4 * counters_per_group;

/// Keeps the four words of call `call` of a group of signs, in the order of lanes and halves.
FERRET_DEVICE inline void store_sign_words(const RoundKeys& keys, std::uint32_t block,
                                           std::uint64_t group, unsigned call,
                                           std::uint32_t* words) {
    const std::uint64_t counter = group * counters_per_group + call;
    const PhiloxWords made = keys(low_word(counter), high_word(counter), 0, block);
    for (unsigned half = 0; half < 2; ++half)
        for (unsigned s = 0; s < 2; ++s)
            words[half * lanes + 2 * call + s] = made[2 * half + 1 - s];
}

/// The value with the sign of element `at`, counted from the first of the groups of `words`.
FERRET_DEVICE inline float with_sign(float value, const std::uint32_t* words, unsigned at) {
    constexpr unsigned half_size = signs_per_group / 2;
    const std::uint32_t word = words[at / half_size * lanes + at % lanes];
    const std::uint32_t sign = (word << (at / lanes % 32)) & 0x80000000u;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign);
}

/// Sums of segments for few bases, at most sparse_least_lanes: row = segment.
template <class Reader>
struct FewBasesSums {
    static constexpr unsigned threads = 1024;
    static constexpr unsigned chunks_at_once = 16;
    static constexpr unsigned groups_at_once = chunks_at_once * 4 + 1;  // chunks are at most 4096

    struct Shared {
        std::uint32_t sign_words[groups_at_once * words_per_group];
        std::uint32_t rotations[chunks_at_once];
        float lane_sums[sparse_least_lanes];
        double sums[sparse_least_lanes];
    };

    PanelsView panels;
    const BlockRange* blocks;
    const std::uint32_t* bases_per_block;
    RoundKeys keys;
    UpdateView<Reader> update;
    double* sums;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const BlockRange block = blocks[task.panel->block];
        const unsigned bases = bases_per_block[task.panel->block];
        const SparseSign::Block signs(keys.key(), task.panel->block, bases);
        const auto chunk_size = static_cast<unsigned>(signs.chunk_size());
        const auto lane_count = static_cast<unsigned>(sparse_lanes(bases));
        const std::uint64_t segment_size = sparse_segment_size(chunk_size);
        const std::uint64_t begin = task.first_row * segment_size;
        const std::uint64_t left = block.size - begin;
        const std::uint64_t end = begin + (left < segment_size ? left : segment_size);

        team.for_each(bases, [&](unsigned k) { shared.sums[k] = 0.0; });
        UpdatePiece at{};
        for (std::uint64_t first = begin; first < end; first += chunks_at_once * chunk_size) {
            const std::uint64_t first_group = first / signs_per_group;
            const std::uint64_t first_chunk = first / chunk_size;
            team.for_each(groups_at_once * counters_per_group, [&](unsigned i) {
                const unsigned group = i / counters_per_group;
                store_sign_words(keys, task.panel->block, first_group + group,
                                 i % counters_per_group,
                                 shared.sign_words + group * words_per_group);
            });
            team.for_each(chunks_at_once, [&](unsigned c) {
                shared.rotations[c] = static_cast<std::uint32_t>(signs.rotation(first_chunk + c));
            });
            for (unsigned c = 0; c < chunks_at_once; ++c) {
                const std::uint64_t chunk = first + std::uint64_t{c} * chunk_size;
                if (chunk >= end) break;
                const std::uint64_t chunk_left = end - chunk;
                const unsigned length =
                    chunk_left < chunk_size ? static_cast<unsigned>(chunk_left) : chunk_size;
                const auto first_sign =
                    static_cast<unsigned>(chunk - first_group * signs_per_group);
                update.visit_range(at, block.begin + chunk, length, [&](const auto& elements) {
                    team.for_each(lane_count, [&](unsigned lane) {
                        float sum = 0.0f;
                        for (unsigned i = lane; i < length; i += lane_count)
                            sum += with_sign(elements(i), shared.sign_words, first_sign + i);
                        shared.lane_sums[lane] = sum;
                    });
                });
                for (unsigned rows = lane_count / bases; rows > 1;) {
                    const unsigned half = (rows + 1) / 2;
                    team.for_each((rows - half) * bases, [&](unsigned i) {
                        shared.lane_sums[i] += shared.lane_sums[half * bases + i];
                    });
                    rows = half;
                }
                const unsigned rotation = shared.rotations[c];
                team.for_each(bases, [&](unsigned i) {
                    const unsigned turned = i + rotation;
                    shared.sums[turned < bases ? turned : turned - bases] +=
                        static_cast<double>(shared.lane_sums[i]);
                });
            }
        }
        team.for_each(bases, [&](unsigned k) { sums[task.first_sum + k] = shared.sums[k]; });
    }
};

/// Bases that one task sums where there are many.
inline constexpr unsigned most_bases_per_task = 1024;

/// Sums of stretches for many bases, more than sparse_least_lanes: row = stretch, a thousand bases a
/// task, each with its elements in order.
template <class Reader>
struct ManyBasesSums {
    static constexpr unsigned threads = 1024;
    static constexpr unsigned most_bases = most_bases_per_task;
    static constexpr unsigned runs_at_once = 16;
    /// A run of elements of most_bases bases lies in two pieces, cut where the bases begin anew, and
    /// each piece in two groups.
    static constexpr unsigned words_per_piece = 2 * words_per_group;

    struct Run {
        std::uint32_t rotation;
        // Of each piece, less a basis: its element, counted from the stretch's first, and from that of
        // its first group of signs.
        std::uint64_t element[2];
        std::uint32_t sign[2];
        std::uint64_t first_group[2];
    };
    struct Shared {
        Run runs[runs_at_once];
        std::uint32_t sign_words[runs_at_once][2][words_per_piece];
        float sums[most_bases];
    };

    PanelsView panels;
    const BlockRange* blocks;
    const std::uint32_t* bases_per_block;
    RoundKeys keys;
    UpdateView<Reader> update;
    float* sums;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const BlockRange block = blocks[task.panel->block];
        const std::uint64_t bases = bases_per_block[task.panel->block];
        const SparseSign::Block signs(keys.key(), task.panel->block,
                                      static_cast<std::uint32_t>(bases));
        const std::uint64_t stretch_size = sparse_stretch_size(bases, signs.chunk_size());
        const std::uint64_t begin = task.first_row * stretch_size;
        const std::uint64_t left = block.size - begin;
        const std::uint64_t end = begin + (left < stretch_size ? left : stretch_size);
        const std::uint32_t first_basis = task.first_basis;

        team.for_each(task.bases, [&](unsigned k) { shared.sums[k] = 0.0f; });
        UpdatePiece at{};
        for (std::uint64_t first = begin; first < end; first += runs_at_once * bases) {
            team.for_each(runs_at_once, [&](unsigned r) {
                const std::uint64_t run_begin = first + r * bases;
                Run& run = shared.runs[r];
                run.rotation =
                    static_cast<std::uint32_t>(signs.rotation(run_begin / signs.chunk_size()));
                for (unsigned piece = 0; piece < 2; ++piece) {
                    const std::uint32_t piece_begin =
                        piece == 1 && first_basis < run.rotation ? run.rotation : first_basis;
                    const std::uint64_t element =
                        run_begin - run.rotation + (piece == 0 ? bases : 0);
                    const std::uint64_t group = (element + piece_begin) / signs_per_group;
                    run.element[piece] = element - begin;
                    run.sign[piece] = low_word(element - group * signs_per_group);
                    run.first_group[piece] = group;
                }
            });
            team.for_each(runs_at_once * 2 * 2 * counters_per_group, [&](unsigned i) {
                const unsigned call = i % counters_per_group;
                const unsigned group = i / counters_per_group % 2;
                const unsigned piece = i / (2 * counters_per_group) % 2;
                const unsigned r = i / (4 * counters_per_group);
                store_sign_words(keys, task.panel->block, shared.runs[r].first_group[piece] + group,
                                 call, shared.sign_words[r][piece] + group * words_per_group);
            });
            update.visit_range(at, block.begin + begin, end - begin, [&](const auto& elements) {
                team.for_each(task.bases, [&](unsigned k) {
                    float sum = shared.sums[k];
                    const std::uint32_t basis = first_basis + k;
                    for (unsigned r = 0; r < runs_at_once; ++r) {
                        const Run& run = shared.runs[r];
                        const unsigned piece = basis < run.rotation ? 0 : 1;
                        const std::uint64_t element = run.element[piece] + basis;
                        if (element < end - begin)
                            sum += with_sign(elements(element), shared.sign_words[r][piece],
                                             run.sign[piece] + basis);
                    }
                    shared.sums[k] = sum;
                });
            });
        }
        team.for_each(task.bases, [&](unsigned k) { sums[task.first_sum + k] = shared.sums[k]; });
    }
};

/// V^T Delta of SparseSign, in the canonical order of tiling.hpp.
inline std::vector<double> sparse_totals(const Cuda& cuda, const Layout& layout,
                                         const Update& update, const PhiloxKey& key,
                                         std::span<const std::uint32_t> bases_per_block) {
    // Blocks of few bases and of many take a kernel each; a block of the other kind has no rows.
    std::vector<BlockSums> few;
    std::vector<BlockSums> many;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = bases_per_block[block];
        const std::uint64_t stretch_size = sparse_stretch_size(
            bases, SparseSign::Block(key, static_cast<std::uint32_t>(block), bases).chunk_size());
        const std::uint64_t segment_size = sparse_segment_size(stretch_size);
        const bool is_few = bases <= sparse_least_lanes;
        const auto rows = [&](std::uint64_t row_size) {
            return (layout.block_size(block) + row_size - 1) / row_size;
        };
        few.push_back({.rows = is_few ? rows(segment_size) : 0,
                       .rows_per_segment = 1,
                       .bases = bases,
                       .rows_per_task = 1,
                       .bases_per_task = bases});
        many.push_back({.rows = is_few ? 0 : rows(stretch_size),
                        .rows_per_segment = segment_size / stretch_size,
                        .bases = bases,
                        .rows_per_task = 1,
                        .bases_per_task = most_bases_per_task});
    }
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<std::uint32_t> bases(cuda, bases_per_block);
    std::vector<double> totals;
    std::vector<double> totals_of_many;
    update.visit_view([&]<class Reader>(const UpdateView<Reader>& view) {
        totals =
            sum_panels<double>(cuda, few, most_partial_sums / 2,
                               [&](const PanelsView& panels, std::uint64_t tasks, double* sums) {
                                   launch(cuda, tasks,
                                          FewBasesSums<Reader>{panels, ranges.data(), bases.data(),
                                                               RoundKeys(key), view, sums});
                               });
        totals_of_many =
            sum_panels<float>(cuda, many, most_partial_sums,
                              [&](const PanelsView& panels, std::uint64_t tasks, float* sums) {
                                  launch(cuda, tasks,
                                         ManyBasesSums<Reader>{panels, ranges.data(), bases.data(),
                                                               RoundKeys(key), view, sums});
                              });
    });
    std::size_t k = 0;
    for (const BlockSums& block : many)
        for (std::uint32_t basis = 0; basis < block.bases; ++basis, ++k)
            if (block.rows > 0) totals[k] = totals_of_many[k];
    return totals;
}

}  // namespace ferret::cuda
