#pragma once

#include <bit>
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

/// Sums of stretches for many bases, more than sparse_least_lanes: row = stretch, a thousand bases a
/// task, each with its elements in order. A stretch is made of runs of K elements, one a basis.
struct ManyBasesSums : RowSums<float> {
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

    const std::uint32_t* bases_per_block;
    RoundKeys keys;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const std::uint32_t bases = bases_per_block[task.panel->block];
        const SparseSign::Block signs(keys.key(), task.panel->block, bases);
        const Row row = row_of(task, sparse_stretch_size(bases, signs.chunk_size()));
        const Stretch stretch{bases, row.begin, row.size,
                              static_cast<unsigned>((row.size + bases - 1) / bases)};

        team.for_each(stretch.runs, [&](unsigned run) {
            shared.rotations[run] = low_word(
                signs.rotation((row.begin + std::uint64_t{run} * bases) / signs.chunk_size()));
        });
        team.for_each(task.bases, [&](unsigned k) { shared.sums[k] = 0.0f; });
        UpdatePiece at{};
        update.visit_range(at, row.begin_in_model, row.size, [&](const auto& elements) {
            for (unsigned run = 0; run < stretch.runs; run += runs_at_once) {
                draw(team, shared, task, stretch, run);
                // Whole runs need not be looked at for their end.
                if (std::uint64_t{run + runs_at_once} * bases <= row.size)
                    team.for_each(threads, [&](unsigned thread) {
                        add_runs<true>(elements, shared, task, stretch, run, thread);
                    });
                else
                    team.for_each(threads, [&](unsigned thread) {
                        add_runs<false>(elements, shared, task, stretch, run, thread);
                    });
            }
        });
        team.for_each(task.bases, [&](unsigned k) { sums[task.first_sum + k] = shared.sums[k]; });
    }

private:
    /// A row, and how it is cut.
    struct Stretch {
        std::uint32_t bases;
        std::uint64_t begin;
        std::uint64_t size;
        unsigned runs;

        /// Elements of the run that begins at an element of the stretch.
        FERRET_DEVICE std::uint32_t run_length(std::uint64_t run_begin) const {
            if (run_begin >= size) return 0;
            const std::uint64_t left = size - run_begin;
            return left < bases ? static_cast<std::uint32_t>(left) : bases;
        }
    };

    /// A thread's elements of one run.
    struct SignedElements {
        float values[bases_per_thread];
        std::uint32_t signs[bases_per_thread];  ///< as bit 31; others are of no meaning
    };

    /// Draws the signs of the task's elements of runs from `run` on.
    FERRET_DEVICE void draw(const Team& team, Shared& shared, const PanelTask& task,
                            const Stretch& stretch, unsigned run) const {
        team.for_each(runs_at_once * 2 * 2 * counters_per_group, [&](unsigned i) {
            const unsigned call = i % counters_per_group;
            const unsigned slot = i / counters_per_group % 2;
            const unsigned piece = i / (2 * counters_per_group) % 2;
            const unsigned r = i / (4 * counters_per_group);
            if (run + r >= stretch.runs) return;
            const std::uint32_t rotation = shared.rotations[run + r];
            const std::uint32_t first_basis =
                piece == 0 && task.first_basis < rotation ? rotation : task.first_basis;
            const std::uint64_t element = stretch.begin + std::uint64_t{run + r} * stretch.bases +
                                          first_basis - rotation + (piece == 1 ? stretch.bases : 0);
            const std::uint64_t group = element / signs_per_group;
            store_sign_words(keys, 0, task.panel->block, group + (group + slot) % 2, call,
                             shared.sign_words[r] + (2 * piece + slot) * words_per_group);
        });
    }

    /// Adds the elements of a thread's bases in runs_at_once runs, in order, to their sums.
    template <bool are_whole, class Elements>
    FERRET_DEVICE static void add_runs(const Elements& elements, Shared& shared,
                                       const PanelTask& task, const Stretch& stretch,
                                       unsigned first_run, unsigned thread) {
        float sums[bases_per_thread];
        std::uint32_t basis[bases_per_thread];
        FERRET_UNROLL_LOOP
        for (unsigned b = 0; b < bases_per_thread; ++b) {
            const std::uint32_t of_task = thread + b * threads;
            sums[b] = shared.sums[of_task];
            // Threads beyond the task's bases add to sums that no one reads.
            basis[b] = task.first_basis + (of_task < task.bases ? of_task : 0);
        }
        std::uint64_t run_begin = std::uint64_t{first_run} * stretch.bases;
        auto run = elements;
        run.advance(run_begin);
        for (unsigned r = 0; r < runs_at_once; r += reads_at_once) {
            SignedElements read[reads_at_once];
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n) {
                read[n] =
                    read_run<are_whole>(run, shared, stretch, first_run, r + n, run_begin, basis);
                run.advance(stretch.bases);
                run_begin += stretch.bases;
            }
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n) FERRET_UNROLL_LOOP
            for (unsigned b = 0; b < bases_per_thread; ++b)
                sums[b] += std::bit_cast<float>(std::bit_cast<std::uint32_t>(read[n].values[b]) ^
                                                (read[n].signs[b] & 0x80000000u));
        }
        FERRET_UNROLL_LOOP
        for (unsigned b = 0; b < bases_per_thread; ++b) shared.sums[thread + b * threads] = sums[b];
    }

    /// Reads a thread's elements of run first_run + r, zero where the stretch has none, and their
    /// signs.
    template <bool are_whole, class Elements>
    FERRET_DEVICE static SignedElements read_run(const Elements& run, const Shared& shared,
                                                 const Stretch& stretch, unsigned first_run,
                                                 unsigned r, std::uint64_t run_begin,
                                                 const std::uint32_t (&basis)[bases_per_thread]) {
        const std::uint32_t length = are_whole ? stretch.bases : stretch.run_length(run_begin);
        const std::uint32_t rotation = length > 0 ? shared.rotations[first_run + r] : 0;
        const std::uint32_t first_sign = low_word(stretch.begin + run_begin);
        SignedElements read;
        FERRET_UNROLL_LOOP
        for (unsigned b = 0; b < bases_per_thread; ++b) {
            const bool is_under = basis[b] < rotation;
            const std::uint32_t element = basis[b] - rotation + (is_under ? stretch.bases : 0);
            read.values[b] = are_whole || element < length ? run(element) : 0.0f;
            const std::uint32_t at = first_sign + element;
            const unsigned word =
                sign_word(at) % (2 * words_per_group) + (is_under ? 2 * words_per_group : 0);
            read.signs[b] = shared.sign_words[r][word] << (at / lanes % 32);
        }
        return read;
    }
};

}  // namespace ferret::cuda
