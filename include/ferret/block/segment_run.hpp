#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../error.hpp"
#include "../floating_point.hpp"
#include "layout.hpp"
#include "shard.hpp"

namespace ferret {

/// Consecutive segments of one block, which are added up in order. Only those with which a block
/// begins can be: further ones have to be added to that sum one by one.
struct SegmentRun {
    std::uint32_t block;
    std::uint32_t first;  ///< counted from the block's first segment
    std::uint32_t count;  ///< 1 where `first` is not 0

    bool operator==(const SegmentRun&) const = default;
};

/// Segments of a block.
constexpr std::uint64_t segment_count(std::uint64_t block_size, std::uint64_t segment_size) {
    return (block_size + segment_size - 1) / segment_size;
}

/// The whole model: a run for each block.
inline std::vector<SegmentRun> whole_runs(const Layout& layout,
                                          std::span<const std::uint64_t> segment_sizes) {
    std::vector<SegmentRun> runs;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        runs.push_back({static_cast<std::uint32_t>(block), 0,
                        static_cast<std::uint32_t>(
                            segment_count(layout.block_size(block), segment_sizes[block]))});
    return runs;
}

/// The runs of a shard that holds whole segments, in the model's order.
/// Shapes: shard: extents that lie within the model and do not overlap
/// Throws: LayoutMismatch if the shard holds a part of a segment
inline std::vector<SegmentRun> shard_runs(const Layout& layout,
                                          std::span<const std::uint64_t> segment_sizes,
                                          const Shard& shard) {
    // Where one tensor ends and the next begins makes no border: extents that meet are one.
    std::vector<Extent> extents(shard.extents().begin(), shard.extents().end());
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
    std::vector<Extent> pieces;
    for (const Extent& extent : extents) {
        if (extent.size == 0) continue;
        if (!pieces.empty() && pieces.back().offset + pieces.back().size == extent.offset)
            pieces.back().size += extent.size;
        else
            pieces.push_back(extent);
    }

    std::vector<SegmentRun> runs;
    std::size_t block = 0;
    for (const Extent& piece : pieces) {
        const std::uint64_t end = piece.offset + piece.size;
        for (std::uint64_t at = piece.offset; at < end;) {
            while (layout.block_offset(block) + layout.block_size(block) <= at) ++block;
            const std::uint64_t offset = layout.block_offset(block);
            const std::uint64_t block_end = offset + layout.block_size(block);
            const std::uint64_t to = (std::min)(end, block_end);
            const std::uint64_t size = segment_sizes[block];
            for (const std::uint64_t border : {at, to})
                if (border != block_end && (border - offset) % size != 0)
                    throw LayoutMismatch("shard: expected whole segments, of " +
                                         std::to_string(size) + " elements in block " +
                                         std::to_string(block) + ", got a border at its element " +
                                         std::to_string(border - offset));
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

/// What one shard sums: as many numbers for each of its runs as the run's block has.
struct RunSums {
    std::span<const SegmentRun> runs;
    std::span<const double> sums;
};

/// The totals of all blocks from what their shards sum, in the canonical order of tiling.hpp: the
/// bits that one process would get for the whole model.
/// Shapes: counts: numbers of each block -> their totals, block after block
/// Throws: SketchMismatch if the shards' segments are not, each once, those of the model, or a shard
///         has not one sum a number of its runs; NonFinite for a sum that is not a finite number
inline std::vector<double> add_runs(const Layout& layout,
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
                throw SketchMismatch(label(shard) + ": expected blocks under " +
                                     std::to_string(layout.block_count()) + ", got " +
                                     std::to_string(run.block));
            const std::uint64_t segments =
                segment_count(layout.block_size(run.block), segment_sizes[run.block]);
            if (run.first >= segments || run.count > segments - run.first || run.count == 0 ||
                (run.first > 0 && run.count > 1))
                throw SketchMismatch(
                    label(shard) + ": expected the first or one of the " +
                    std::to_string(segments) + " segments of block " + std::to_string(run.block) +
                    ", got " + std::to_string(run.count) + " from " + std::to_string(run.first));
            expected += counts[run.block];
        }
        if (part.sums.size() != expected)
            throw SketchMismatch(label(shard) + ": expected " + std::to_string(expected) +
                                 " sums for its segments, got " + std::to_string(part.sums.size()));
        for (std::size_t k = 0; k < part.sums.size(); ++k)
            if (!is_finite(part.sums[k]))
                throw NonFinite(label(shard) + ": expected finite sums, got " +
                                std::to_string(part.sums[k]) + " at " + std::to_string(k));
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
                throw SketchMismatch("combine: expected a part with segment " +
                                     std::to_string(next) + " of block " + std::to_string(block) +
                                     ", got none");
            if (piece->run.first < next) break;
            for (std::uint32_t k = 0; k < counts[block]; ++k) totals[begin + k] += piece->sums[k];
            next += piece->run.count;
        }
        if (piece != pieces.end() && piece->run.block == block)
            throw SketchMismatch(
                label(piece->shard) + ": expected each segment once, got segment " +
                std::to_string(piece->run.first) + " of block " + std::to_string(block) + " again");
    }
    return totals;
}

}  // namespace ferret
