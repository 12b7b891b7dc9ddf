#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../tensor/interval.hpp"
#include "layout.hpp"
#include "segment_run.hpp"
#include "shard.hpp"

namespace ferret {

FERRET_API std::vector<SegmentRun> whole_runs(const Layout& layout,
                                              std::span<const std::uint64_t> segment_sizes) {
    std::vector<SegmentRun> runs;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        runs.push_back({static_cast<std::uint32_t>(block), 0,
                        static_cast<std::uint32_t>(
                            segment_count(layout.block_size(block), segment_sizes[block]))});
    return runs;
}

FERRET_API std::vector<SegmentRun> shard_runs(const Layout& layout,
                                              std::span<const std::uint64_t> segment_sizes,
                                              const Shard& shard) {
    std::vector<Interval> extents;
    for (const Extent& extent : shard.extents())
        if (extent.size > 0) extents.push_back({extent.offset, extent.offset + extent.size, 0});
    sort_intervals(extents);
    // Where one tensor ends and the next begins makes no border: extents that meet are one.
    std::vector<Interval> pieces;
    for (const Interval& extent : extents) {
        if (!pieces.empty() && pieces.back().end == extent.begin)
            pieces.back().end = extent.end;
        else
            pieces.push_back(extent);
    }

    std::vector<SegmentRun> runs;
    std::size_t block = 0;
    for (const Interval& piece : pieces) {
        const std::uint64_t end = piece.end;
        for (std::uint64_t at = piece.begin; at < end;) {
            while (layout.block_offset(block) + layout.block_size(block) <= at) ++block;
            const std::uint64_t offset = layout.block_offset(block);
            const std::uint64_t block_end = offset + layout.block_size(block);
            const std::uint64_t to = (std::min)(end, block_end);
            const std::uint64_t size = segment_sizes[block];
            for (const std::uint64_t border : {at, to})
                if (border != block_end && (border - offset) % size != 0)
                    throw LayoutMismatch(error_text(
                        {"shard: expected whole segments, of ", size, " elements in block ", block,
                         ", got a border at its element ", border - offset}));
            const auto first = static_cast<std::uint32_t>((at - offset) / size);
            const auto last = static_cast<std::uint32_t>(segment_count(to - offset, size));
            const auto l = static_cast<std::uint32_t>(block);
            if (first == 0)
                runs.push_back({l, 0, last});
            else
                for (std::uint32_t segment = first; segment < last; ++segment)
                    runs.push_back({l, segment, 1});
            at = to;
        }
    }
    return runs;
}

FERRET_API std::vector<double> add_runs(const Layout& layout,
                                        std::span<const std::uint64_t> segment_sizes,
                                        std::span<const std::uint32_t> counts,
                                        std::span<const RunSums> shards) {
    const auto label = [](std::size_t shard) { return "combine: part " + std::to_string(shard); };
    struct Piece {
        SegmentRun run;
        std::size_t shard;
        const double* sums;
    };
    std::vector<Piece> pieces;
    for (std::size_t shard = 0; shard < shards.size(); ++shard) {
        const RunSums& part = shards[shard];
        std::uint64_t expected = 0;
        for (const SegmentRun& run : part.runs) {
            if (run.block >= layout.block_count())
                throw SketchMismatch(error_text({label(shard), ": expected blocks under ",
                                                 layout.block_count(), ", got ", run.block}));
            const std::uint64_t segments =
                segment_count(layout.block_size(run.block), segment_sizes[run.block]);
            if (run.first >= segments || run.count > segments - run.first || run.count == 0 ||
                (run.first > 0 && run.count > 1))
                throw SketchMismatch(error_text(
                    {label(shard), ": expected the first or one of the ", segments,
                     " segments of block ", run.block, ", got ", run.count, " from ", run.first}));
            expected += counts[run.block];
        }
        if (part.sums.size() != expected)
            throw SketchMismatch(error_text({label(shard), ": expected ", expected,
                                             " sums for its segments, got ", part.sums.size()}));
        for (std::size_t k = 0; k < part.sums.size(); ++k)
            if (!is_finite(part.sums[k]))
                throw NonFinite(error_text(
                    {label(shard), ": expected finite sums, got ", part.sums[k], " at ", k}));
        const double* sums = part.sums.data();
        for (const SegmentRun& run : part.runs) {
            pieces.push_back({run, shard, sums});
            sums += counts[run.block];
        }
    }
    std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
        return a.run.block != b.run.block ? a.run.block < b.run.block : a.run.first < b.run.first;
    });

    std::vector<double> totals;
    auto piece = pieces.begin();
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::size_t begin = totals.size();
        totals.resize(begin + counts[block], 0.0);
        const std::uint64_t segments =
            segment_count(layout.block_size(block), segment_sizes[block]);
        for (std::uint64_t next = 0; next < segments; ++piece) {
            if (piece == pieces.end() || piece->run.block != block || piece->run.first > next)
                throw SketchMismatch(error_text({"combine: expected a part with segment ", next,
                                                 " of block ", block, ", got none"}));
            if (piece->run.first < next) break;
            for (std::uint32_t k = 0; k < counts[block]; ++k) totals[begin + k] += piece->sums[k];
            next += piece->run.count;
        }
        if (piece != pieces.end() && piece->run.block == block)
            throw SketchMismatch(
                error_text({label(piece->shard), ": expected each segment once, got segment ",
                            piece->run.first, " of block ", block, " again"}));
    }
    return totals;
}

}  // namespace ferret
