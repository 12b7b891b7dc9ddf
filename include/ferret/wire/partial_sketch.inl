#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../block/segment_run.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../partial_sketch.hpp"
#include "basis_id.hpp"
#include "frame.hpp"
#include "partial_sketch.hpp"

namespace ferret {

namespace detail {

/// Throws: SketchMismatch if there is not one sum for each number of a run; NonFinite
FERRET_API void check_sum_count(std::span<const double> sums, std::uint64_t expected) {
    if (sums.size() != expected)
        throw SketchMismatch(error_text(
            {"encode: expected ", expected, " sums for the part's segments, got ", sums.size()}));
    for (std::size_t k = 0; k < sums.size(); ++k)
        if (!is_finite(sums[k]))
            throw NonFinite(error_text({"encode: expected finite sums, got ", sums[k], " at ", k}));
}

FERRET_API void write_runs(FrameWriter& frame, std::span<const SegmentRun> runs) {
    frame.number(static_cast<std::uint32_t>(runs.size()));
    for (const SegmentRun& run : runs) {
        frame.number(run.block);
        frame.number(run.first);
        frame.number(run.count);
    }
}

FERRET_API void write_sums(FrameWriter& frame, std::span<const double> sums) {
    for (const double sum : sums) frame.number(std::bit_cast<std::uint64_t>(sum));
}

/// Throws: Truncated; Malformed for runs that are no shard's
FERRET_API std::vector<SegmentRun> read_runs(FrameReader& frame) {
    const auto count = frame.number<std::uint32_t>();
    std::vector<SegmentRun> runs;
    for (std::uint32_t i = 0; i < count; ++i) {
        // One after the other: arguments of a call have no order.
        const auto block = frame.number<std::uint32_t>();
        const auto first = frame.number<std::uint32_t>();
        const auto segments = frame.number<std::uint32_t>();
        const std::string label = frame.name() + ": run " + std::to_string(i) + ": expected ";
        if (segments == 0 || (first > 0 && segments > 1))
            throw Malformed(error_text({label, "segments from a block's first on, or one, got ",
                                        segments, " from ", first}));
        if (!runs.empty() && (block < runs.back().block ||
                              (block == runs.back().block &&
                               first < std::uint64_t{runs.back().first} + runs.back().count)))
            throw Malformed(
                error_text({label, "segments behind those of the run before, got segment ", first,
                            " of block ", block}));
        runs.push_back({block, first, segments});
    }
    return runs;
}

/// Throws: Truncated; NonFinite
FERRET_API void read_sums(FrameReader& frame, std::uint64_t count, std::vector<double>& sums) {
    for (std::uint64_t k = 0; k < count; ++k) {
        const auto sum = std::bit_cast<double>(frame.number<std::uint64_t>());
        if (!is_finite(sum))
            throw NonFinite(error_text(
                {frame.name(), ": expected finite sums, got ", sum, " at ", sums.size()}));
        sums.push_back(sum);
    }
}

}  // namespace detail

FERRET_API std::vector<std::byte> encode(const PartialSketch& part) {
    std::uint64_t expected = 0;
    for (const SegmentRun& run : part.runs) {
        if (run.block >= part.bases_per_block.size())
            throw SketchMismatch(
                error_text({"encode: expected runs of ", part.bases_per_block.size(),
                            " blocks, got one of block ", run.block}));
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

FERRET_API PartialSketch decode_partial_sketch(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRRP", 1, "partial sketch");
    PartialSketch part;
    part.basis = read_basis_id(frame);
    part.seed.value = frame.number<std::uint64_t>();
    part.seed.round = frame.number<std::uint64_t>();
    part.layout_fingerprint = frame.number<std::uint64_t>();
    const auto blocks = frame.number<std::uint32_t>();
    for (std::uint32_t block = 0; block < blocks; ++block) {
        part.bases_per_block.push_back(frame.number<std::uint32_t>());
        if (part.bases_per_block.back() == 0)
            throw Malformed(
                error_text({frame.name(), ": expected bases, got none in block ", block}));
    }
    part.runs = detail::read_runs(frame);
    for (const SegmentRun& run : part.runs) {
        if (run.block >= blocks)
            throw Malformed(error_text({frame.name(), ": expected runs of ", blocks,
                                        " blocks, got one of block ", run.block}));
        detail::read_sums(frame, part.bases_per_block[run.block], part.sums);
    }
    frame.expect_end();
    return part;
}

FERRET_API std::vector<std::byte> encode(const PartialNorms& part) {
    detail::check_sum_count(part.sums, part.runs.size());
    FrameWriter frame("FRRN", 1);
    frame.number(part.layout_fingerprint);
    detail::write_runs(frame, part.runs);
    detail::write_sums(frame, part.sums);
    return std::move(frame).finish();
}

FERRET_API PartialNorms decode_partial_norms(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRRN", 1, "partial norms");
    PartialNorms part;
    part.layout_fingerprint = frame.number<std::uint64_t>();
    part.runs = detail::read_runs(frame);
    detail::read_sums(frame, part.runs.size(), part.sums);
    frame.expect_end();
    return part;
}

}  // namespace ferret
