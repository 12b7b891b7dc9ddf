#pragma once

#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../block/tiling.hpp"
#include "launch.cuh"
#include "panels.cuh"
#include "round_keys.cuh"
#include "row_sums.cuh"
#include "sparse_signs.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Sums of segments for few bases, at most sparse_least_lanes: row = segment. Several chunks lie in
/// shared memory at a time, each as the sums of its lanes.
struct FewBasesSums : RowSums<double> {
    static constexpr unsigned threads = 512;
    static constexpr unsigned teams = 2;
    static constexpr unsigned chunks_at_once = 8;
    static constexpr unsigned groups_at_once = chunks_at_once * 4 + 1;  // chunks are at most 4096
    static constexpr auto most_lanes = static_cast<unsigned>(sparse_least_lanes);
    /// Chunks whose lanes a thread reads before it adds any, or each read would wait for the one before
    /// it.
    static constexpr unsigned side_by_side = 4;
    /// Elements of a lane that are read so; every whole chunk has as many.
    static constexpr unsigned reads_at_once = 4;
    /// Rows of lanes that one thread adds for a basis.
    static constexpr unsigned rows_at_once = 16;

    struct Shared {
        std::uint32_t sign_words[groups_at_once * words_per_group];
        std::uint32_t rotations[chunks_at_once];
        float lane_sums[chunks_at_once][most_lanes];
        double sums[most_lanes];
    };

    const std::uint32_t* bases_per_block;
    RoundKeys keys;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const Chunks chunks(keys, task.panel->block, bases_per_block[task.panel->block]);
        const Row row = row_of(task, sparse_segment_size(chunks.size));
        const unsigned most = chunks_at_once * chunks.size;

        team.for_each(chunks.bases, [&](unsigned k) { shared.sums[k] = 0.0; });
        UpdatePiece at{};
        for (std::uint64_t done = 0; done < row.size; done += most) {
            const std::uint64_t left = row.size - done;
            const unsigned size = left < most ? static_cast<unsigned>(left) : most;
            const unsigned count = (size + chunks.size - 1) / chunks.size;
            draw(team, shared, chunks, row.begin + done);
            update.visit_range(at, row.begin_in_model + done, size, [&](const auto& elements) {
                sum_chunks(team, elements, shared, chunks, count, size,
                           low_word((row.begin + done) % signs_per_group));
            });
            add_rows(team, shared, count, chunks.bases, chunks.lanes / chunks.bases);
            add_chunks(team, shared, count, chunks.bases);
        }
        team.for_each(chunks.bases, [&](unsigned k) { sums[task.first_sum + k] = shared.sums[k]; });
    }

private:
    /// How a block is cut.
    struct Chunks {
        SparseSign::Block signs;
        std::uint32_t block;
        unsigned bases;
        unsigned size;   ///< elements of a chunk
        unsigned lanes;  ///< of a chunk

        FERRET_DEVICE Chunks(const RoundKeys& keys, std::uint32_t index, std::uint32_t count)
            : signs(keys.key(), index, count),
              block(index),
              bases(count),
              size(static_cast<unsigned>(signs.chunk_size())),
              lanes(static_cast<unsigned>(sparse_lanes(count))) {}
    };

    /// Draws the signs and rotations of the chunks from element `first` on.
    FERRET_DEVICE void draw(const Team& team, Shared& shared, const Chunks& chunks,
                            std::uint64_t first) const {
        constexpr unsigned calls = groups_at_once * counters_per_group;
        team.for_each(calls + chunks_at_once, [&](unsigned i) {
            if (i >= calls) {
                shared.rotations[i - calls] =
                    low_word(chunks.signs.rotation(first / chunks.size + (i - calls)));
                return;
            }
            const unsigned group = i / counters_per_group;
            store_sign_words(keys, 0, chunks.block, first / signs_per_group + group,
                             i % counters_per_group, shared.sign_words + group * words_per_group);
        });
    }

    /// Sums the lanes of `count` chunks, which have `size` elements together.
    template <class Elements>
    FERRET_DEVICE static void sum_chunks(const Team& team, const Elements& elements, Shared& shared,
                                         const Chunks& chunks, unsigned count, unsigned size,
                                         unsigned first_sign) {
        team.for_each((count + side_by_side - 1) / side_by_side * most_lanes, [&](unsigned i) {
            const unsigned lane = i % most_lanes;
            if (lane >= chunks.lanes) return;
            sum_lanes(elements, shared, chunks, i / most_lanes * side_by_side, lane, size,
                      first_sign);
        });
    }

    /// Sums a lane of chunks that are side by side, the signed elements of each in order.
    template <class Elements>
    FERRET_DEVICE static void sum_lanes(const Elements& elements, Shared& shared,
                                        const Chunks& chunks, unsigned first_chunk, unsigned lane,
                                        unsigned size, unsigned first_sign) {
        float values[side_by_side][reads_at_once];
        FERRET_UNROLL_LOOP
        for (unsigned c = 0; c < side_by_side; ++c) {
            const unsigned begin = (first_chunk + c) * chunks.size;
            const unsigned end = begin + chunks.size < size ? begin + chunks.size : size;
            FERRET_UNROLL_LOOP
            for (unsigned r = 0; r < reads_at_once; ++r) {
                const unsigned i = begin + lane + r * chunks.lanes;
                values[c][r] = i < end ? elements(i) : 0.0f;
            }
        }
        FERRET_UNROLL_LOOP
        for (unsigned c = 0; c < side_by_side; ++c) {
            const unsigned begin = (first_chunk + c) * chunks.size;
            const unsigned end = begin + chunks.size < size ? begin + chunks.size : size;
            unsigned i = begin + lane;
            float sum = 0.0f;
            FERRET_UNROLL_LOOP
            for (unsigned r = 0; r < reads_at_once; ++r, i += chunks.lanes)
                sum += with_sign(values[c][r], shared.sign_words, first_sign + i);
            for (; i < end; i += chunks.lanes)
                sum += with_sign(elements(i), shared.sign_words, first_sign + i);
            shared.lane_sums[first_chunk + c][lane] = sum;
        }
    }

    /// Adds the rows of lanes of every chunk, as a tree, to the first.
    FERRET_DEVICE static void add_rows(const Team& team, Shared& shared, unsigned chunks,
                                       unsigned bases, unsigned rows) {
        while (rows > rows_at_once) {
            const unsigned half = (rows + 1) / 2;
            team.for_each(chunks * most_lanes, [&](unsigned i) {
                float* lane_sums = shared.lane_sums[i / most_lanes];
                const unsigned lane = i % most_lanes;
                if (lane < (rows - half) * bases) lane_sums[lane] += lane_sums[half * bases + lane];
            });
            rows = half;
        }
        if (rows == 1) return;
        team.for_each(chunks * bases, [&](unsigned i) {
            float* of_basis = shared.lane_sums[i / bases] + i % bases;
            for (unsigned left = rows; left > 1; left = (left + 1) / 2) {
                const unsigned half = (left + 1) / 2;
                for (unsigned row = 0; row < left - half; ++row)
                    of_basis[row * bases] += of_basis[(half + row) * bases];
            }
        });
    }

    /// Adds the chunks' sums of every basis in order.
    FERRET_DEVICE static void add_chunks(const Team& team, Shared& shared, unsigned chunks,
                                         unsigned bases) {
        team.for_each(bases, [&](unsigned k) {
            double sum = shared.sums[k];
            for (unsigned c = 0; c < chunks; ++c) {
                const unsigned rotation = shared.rotations[c];
                const unsigned from = k < rotation ? k + bases - rotation : k - rotation;
                sum += static_cast<double>(shared.lane_sums[c][from]);
            }
            shared.sums[k] = sum;
        });
    }
};

}  // namespace ferret::cuda
