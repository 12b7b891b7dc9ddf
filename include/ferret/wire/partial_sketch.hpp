#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../basis/basis.hpp"
#include "../block/segment_run.hpp"
#include "../error.hpp"
#include "../floating_point.hpp"
#include "../partial_sketch.hpp"
#include "frame.hpp"

namespace ferret {

namespace detail {

/// Throws: SketchMismatch if there is not one sum for each number of a run; NonFinite
inline void check_sum_count(std::span<const double> sums, std::uint64_t expected) {
    if (sums.size() != expected)
        throw SketchMismatch("encode: expected " + std::to_string(expected) +
                             " sums for the part's segments, got " + std::to_string(sums.size()));
    for (std::size_t k = 0; k < sums.size(); ++k)
        if (!is_finite(sums[k]))
            throw NonFinite("encode: expected finite sums, got " + std::to_string(sums[k]) +
                            " at " + std::to_string(k));
}

inline void write_runs(FrameWriter& frame, std::span<const SegmentRun> runs) {
    frame.number(static_cast<std::uint32_t>(runs.size()));
    for (const SegmentRun& run : runs) {
        frame.number(run.block);
        frame.number(run.first);
        frame.number(run.count);
    }
}

inline void write_sums(FrameWriter& frame, std::span<const double> sums) {
    for (const double sum : sums) frame.number(std::bit_cast<std::uint64_t>(sum));
}

/// Throws: Truncated; Malformed for runs that are no shard's
inline std::vector<SegmentRun> read_runs(FrameReader& frame, const std::string& name) {
    const auto count = frame.number<std::uint32_t>();
    std::vector<SegmentRun> runs;
    for (std::uint32_t i = 0; i < count; ++i) {
        // One after the other: arguments of a call have no order.
        const auto block = frame.number<std::uint32_t>();
        const auto first = frame.number<std::uint32_t>();
        const auto segments = frame.number<std::uint32_t>();
        const std::string label = name + ": run " + std::to_string(i) + ": expected ";
        if (segments == 0 || (first > 0 && segments > 1))
            throw Malformed(label + "segments from a block's first on, or one, got " +
                            std::to_string(segments) + " from " + std::to_string(first));
        if (!runs.empty() && (block < runs.back().block ||
                              (block == runs.back().block &&
                               first < std::uint64_t{runs.back().first} + runs.back().count)))
            throw Malformed(label + "segments behind those of the run before, got segment " +
                            std::to_string(first) + " of block " + std::to_string(block));
        runs.push_back({block, first, segments});
    }
    return runs;
}

/// Throws: Truncated; NonFinite
inline void read_sums(FrameReader& frame, const std::string& name, std::uint64_t count,
                      std::vector<double>& sums) {
    for (std::uint64_t k = 0; k < count; ++k) {
        const auto sum = std::bit_cast<double>(frame.number<std::uint64_t>());
        if (!is_finite(sum))
            throw NonFinite(name + ": expected finite sums, got " + std::to_string(sum) + " at " +
                            std::to_string(sums.size()));
        sums.push_back(sum);
    }
}

}  // namespace detail

/// Writes what a shard sends; docs/wire.md has the format.
/// Cost:   47 + 4 L bytes, 12 a run, and 8 for each of its bases. Against the model's bytes: a run of
///         one segment takes 8 K_l for 4 MiB of floats with a dense basis, and at most a 32nd of them
///         with SparseSign; the run that a block begins with takes 8 K_l, however long it is.
/// Throws: SketchMismatch if the sums are not those of the part's runs; NonFinite for a sum that is
///         not a finite number
/// Repro:  the same bytes on every machine
inline std::vector<std::byte> encode(const PartialSketch& part) {
    std::uint64_t expected = 0;
    for (const SegmentRun& run : part.runs) {
        if (run.block >= part.bases_per_block.size())
            throw SketchMismatch("encode: expected runs of " +
                                 std::to_string(part.bases_per_block.size()) +
                                 " blocks, got one of block " + std::to_string(run.block));
        expected += part.bases_per_block[run.block];
    }
    detail::check_sum_count(part.sums, expected);
    FrameWriter frame("FRRP", 1);
    frame.number(static_cast<std::uint8_t>(part.basis));
    frame.number(part.seed.value);
    frame.number(part.seed.round);
    frame.number(part.layout_fingerprint);
    frame.number(static_cast<std::uint32_t>(part.bases_per_block.size()));
    for (const std::uint32_t bases : part.bases_per_block) frame.number(bases);
    detail::write_runs(frame, part.runs);
    detail::write_sums(frame, part.sums);
    return std::move(frame).finish();
}

/// Reads such a message. Whether it fits a layout and the other shards' is for `combine` to find.
/// Cost:   memory in proportion to the message
/// Throws: WireError; NonFinite for a sum that is not a finite number
inline PartialSketch decode_partial_sketch(std::span<const std::byte> bytes) {
    const std::string name = "partial sketch";
    FrameReader frame(bytes, "FRRP", 1, name);
    const auto basis = frame.number<std::uint8_t>();
    if (std::none_of(basis_names.begin(), basis_names.end(), [&](const auto& entry) {
            return static_cast<std::uint8_t>(entry.second) == basis;
        }))
        throw Malformed(name + ": expected a known basis id, got " + std::to_string(basis));
    PartialSketch part;
    part.basis = static_cast<BasisId>(basis);
    part.seed.value = frame.number<std::uint64_t>();
    part.seed.round = frame.number<std::uint64_t>();
    part.layout_fingerprint = frame.number<std::uint64_t>();
    const auto blocks = frame.number<std::uint32_t>();
    for (std::uint32_t block = 0; block < blocks; ++block) {
        part.bases_per_block.push_back(frame.number<std::uint32_t>());
        if (part.bases_per_block.back() == 0)
            throw Malformed(name + ": expected bases, got none in block " + std::to_string(block));
    }
    part.runs = detail::read_runs(frame, name);
    for (const SegmentRun& run : part.runs) {
        if (run.block >= blocks)
            throw Malformed(name + ": expected runs of " + std::to_string(blocks) +
                            " blocks, got one of block " + std::to_string(run.block));
        detail::read_sums(frame, name, part.bases_per_block[run.block], part.sums);
    }
    frame.expect_end();
    return part;
}

/// Writes what a shard sends of its norms; docs/wire.md has the format.
/// Cost:   26 bytes, and 20 a run
/// Throws: SketchMismatch if there is not one sum a run; NonFinite for a sum that is not a finite
///         number
/// Repro:  the same bytes on every machine
inline std::vector<std::byte> encode(const PartialNorms& part) {
    detail::check_sum_count(part.sums, part.runs.size());
    FrameWriter frame("FRRN", 1);
    frame.number(part.layout_fingerprint);
    detail::write_runs(frame, part.runs);
    detail::write_sums(frame, part.sums);
    return std::move(frame).finish();
}

/// Reads such a message.
/// Cost:   memory in proportion to the message
/// Throws: WireError; NonFinite for a sum that is not a finite number
inline PartialNorms decode_partial_norms(std::span<const std::byte> bytes) {
    const std::string name = "partial norms";
    FrameReader frame(bytes, "FRRN", 1, name);
    PartialNorms part;
    part.layout_fingerprint = frame.number<std::uint64_t>();
    part.runs = detail::read_runs(frame, name);
    detail::read_sums(frame, name, part.runs.size(), part.sums);
    frame.expect_end();
    return part;
}

}  // namespace ferret
