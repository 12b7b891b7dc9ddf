#pragma once

#include <bit>
#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../block/tiling.hpp"
#include "block_range.cuh"
#include "launch.cuh"
#include "panels.cuh"
#include "round_keys.cuh"
#include "sparse_signs.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Sums of stretches for many bases, more than sparse_least_lanes: row = stretch, a thousand bases a
/// task, each with its elements in order. A stretch is made of runs of K elements, one a basis.
struct ManyBasesSums {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 3;
    static constexpr unsigned bases_per_thread = 4;
    static constexpr unsigned most_bases = threads * bases_per_thread;
    static constexpr unsigned chunks = 64;  // of a stretch
    static constexpr unsigned most_runs = 3 * chunks;
    static constexpr unsigned runs_at_once = 16;
    /// Runs whose elements are read before any is added.
    static constexpr unsigned reads_at_once = 2;

    struct Shared {
        std::uint32_t rotations[most_runs];
        /// A task's elements of a run lie in two pieces, those of bases from the rotation on, at the
        /// run's beginning, and those of the others, at its end; and each piece in two groups of
        /// signs, of which that with the even number lies first.
        std::uint32_t sign_words[runs_at_once][4 * words_per_group];
        float sums[most_bases];
    };

    PanelsView panels;
    const BlockRange* blocks;
    const std::uint32_t* bases_per_block;
    RoundKeys keys;
    UpdateView update;
    float* sums;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const BlockRange block = blocks[task.panel->block];
        const std::uint32_t bases = bases_per_block[task.panel->block];
        const SparseSign::Block signs(keys.key(), task.panel->block, bases);
        const std::uint64_t stretch_size = sparse_stretch_size(bases, signs.chunk_size());
        const std::uint64_t begin = task.row * stretch_size;
        const std::uint64_t left = block.size - begin;
        const std::uint64_t size = left < stretch_size ? left : stretch_size;
        const auto runs = static_cast<unsigned>((size + bases - 1) / bases);

        team.for_each(runs, [&](unsigned run) {
            shared.rotations[run] =
                low_word(signs.rotation((begin + std::uint64_t{run} * bases) / signs.chunk_size()));
        });
        team.for_each(task.bases, [&](unsigned k) { shared.sums[k] = 0.0f; });
        UpdatePiece at{};
        update.visit_range(at, block.begin + begin, size, [&](const auto& elements) {
            for (unsigned run = 0; run < runs; run += runs_at_once) {
                draw(team, shared, task, bases, begin, run, runs);
                // Whole runs need not be looked at for their end.
                if (std::uint64_t{run + runs_at_once} * bases <= size)
                    team.for_each(threads, [&](unsigned thread) {
                        add_runs<true>(elements, shared, task, bases, begin, size, run, thread);
                    });
                else
                    team.for_each(threads, [&](unsigned thread) {
                        add_runs<false>(elements, shared, task, bases, begin, size, run, thread);
                    });
            }
        });
        team.for_each(task.bases, [&](unsigned k) { sums[task.first_sum + k] = shared.sums[k]; });
    }

private:
    /// Draws the signs of the task's elements of runs from `run` on.
    FERRET_DEVICE void draw(const Team& team, Shared& shared, const PanelTask& task,
                            std::uint32_t bases, std::uint64_t begin, unsigned run,
                            unsigned runs) const {
        team.for_each(runs_at_once * 2 * 2 * counters_per_group, [&](unsigned i) {
            const unsigned call = i % counters_per_group;
            const unsigned slot = i / counters_per_group % 2;
            const unsigned piece = i / (2 * counters_per_group) % 2;
            const unsigned r = i / (4 * counters_per_group);
            if (run + r >= runs) return;
            const std::uint32_t rotation = shared.rotations[run + r];
            const std::uint32_t first_basis =
                piece == 0 && task.first_basis < rotation ? rotation : task.first_basis;
            const std::uint64_t element = begin + std::uint64_t{run + r} * bases + first_basis -
                                          rotation + (piece == 1 ? bases : 0);
            const std::uint64_t group = element / signs_per_group;
            store_sign_words(keys, task.panel->block, group + (group + slot) % 2, call,
                             shared.sign_words[r] + (2 * piece + slot) * words_per_group);
        });
    }

    /// Adds the elements of a thread's bases in runs_at_once runs, in order, to their sums.
    template <bool are_whole, class Elements>
    FERRET_DEVICE static void add_runs(const Elements& elements, Shared& shared,
                                       const PanelTask& task, std::uint32_t bases,
                                       std::uint64_t begin, std::uint64_t size, unsigned first_run,
                                       unsigned thread) {
        float sums[bases_per_thread];
        std::uint32_t basis[bases_per_thread];
        FERRET_UNROLL_LOOP
        for (unsigned b = 0; b < bases_per_thread; ++b) {
            const std::uint32_t of_task = thread + b * threads;
            sums[b] = shared.sums[of_task];
            // Threads beyond the task's bases add to sums that no one reads.
            basis[b] = task.first_basis + (of_task < task.bases ? of_task : 0);
        }
        std::uint64_t run_begin = std::uint64_t{first_run} * bases;
        auto run = elements;
        run.advance(run_begin);
        for (unsigned r = 0; r < runs_at_once; r += reads_at_once) {
            float values[reads_at_once][bases_per_thread];
            std::uint32_t signs[reads_at_once][bases_per_thread];
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n) {
                std::uint32_t length = bases;
                if constexpr (!are_whole) {
                    if (run_begin >= size)
                        length = 0;
                    else if (size - run_begin < bases)
                        length = static_cast<std::uint32_t>(size - run_begin);
                }
                const std::uint32_t rotation = length > 0 ? shared.rotations[first_run + r + n] : 0;
                const std::uint32_t first_sign = low_word(begin + run_begin);
                FERRET_UNROLL_LOOP
                for (unsigned b = 0; b < bases_per_thread; ++b) {
                    const bool is_under = basis[b] < rotation;
                    const std::uint32_t element = basis[b] - rotation + (is_under ? bases : 0);
                    values[n][b] = are_whole || element < length ? run(element) : 0.0f;
                    const std::uint32_t at = first_sign + element;
                    const unsigned word = sign_word(at) % (2 * words_per_group) +
                                          (is_under ? 2 * words_per_group : 0);
                    signs[n][b] = shared.sign_words[r + n][word] << (at / lanes % 32);
                }
                run.advance(bases);
                run_begin += bases;
            }
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n) FERRET_UNROLL_LOOP
            for (unsigned b = 0; b < bases_per_thread; ++b)
                sums[b] += std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[n][b]) ^
                                                (signs[n][b] & 0x80000000u));
        }
        FERRET_UNROLL_LOOP
        for (unsigned b = 0; b < bases_per_thread; ++b) shared.sums[thread + b * threads] = sums[b];
    }
};

}  // namespace ferret::cuda
