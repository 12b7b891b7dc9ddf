#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "cpu.hpp"
#include "kernels.hpp"
#include "segment_sums.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// One SparseSign block of an update to project.
struct SparseBlock {
    const UpdateReader& update;
    std::uint64_t offset;  ///< of the block in the model
    SparseSign::Block signs;

    std::uint64_t stretch_size() const {
        return sparse_stretch_size(signs.bases(), signs.chunk_size());
    }
};

/// Adds a segment's elements to the sums of few bases, at most sparse_least_lanes.
class FewBases {
public:
    FewBases(const Kernels& kernels, const SparseBlock& block, const Segment& segment,
             double* totals)
        : kernels_(kernels),
          block_(block),
          segment_(segment),
          sign_words_(block.signs, segment.end),
          bases_(static_cast<std::size_t>(block.signs.bases())),
          lane_count_(sparse_lanes(bases_)),
          totals_(totals) {}

    void add() {
        block_.update.for_each(block_.offset + segment_.begin, segment_.end - segment_.begin,
                               kernels_.sparse.in_place,
                               [&](const UpdateSource& from, std::size_t at, std::size_t count) {
                                   add(from, segment_.begin + at, count);
                               });
        enter(none);
    }

private:
    static constexpr std::uint64_t none = (std::numeric_limits<std::uint64_t>::max)();

    void add(const UpdateSource& from, std::uint64_t begin, std::size_t count) {
        SparseKernels::AddToSums* add_signed = kernels_.sparse.add_to_sums(from);
        const std::uint64_t chunk_size = block_.signs.chunk_size();
        for (std::size_t done = 0; done < count;) {
            const std::uint64_t within = (begin + done) % chunk_size;
            enter((begin + done) / chunk_size);
            const auto lane = static_cast<std::size_t>(within % lane_count_);
            const auto length = static_cast<std::size_t>(
                std::min<std::uint64_t>({count - done, chunk_size - within, lane_count_ - lane}));
            add_signed(sign_words_, begin + done, from.from(done), length, sums_.data() + lane,
                       prefetch_distance);
            done += length;
        }
    }

    /// Adds up the chunk that was being summed and begins another.
    void enter(std::uint64_t chunk) {
        if (chunk == chunk_) return;
        if (chunk_ != none) {
            for (std::size_t rows = lane_count_ / bases_; rows > 1;) {
                const std::size_t half = (rows + 1) / 2;
                of_dtype(kernels_.memory.add, DType::float32)(
                    sums_.data(), sums_.data() + half * bases_, (rows - half) * bases_);
                rows = half;
            }
            const auto rotation = static_cast<std::size_t>(block_.signs.rotation(chunk_));
            kernels_.memory.add_to_totals(totals_ + rotation, sums_.data(), bases_ - rotation);
            kernels_.memory.add_to_totals(totals_, sums_.data() + (bases_ - rotation), rotation);
        }
        chunk_ = chunk;
        sums_.fill(0.0f);
    }

    const Kernels& kernels_;
    const SparseBlock& block_;
    const Segment& segment_;
    SignWords sign_words_;
    std::size_t bases_;
    std::size_t lane_count_;
    double* totals_;
    std::uint64_t chunk_ = none;
    alignas(cache_line) std::array<float, sparse_least_lanes + lanes> sums_;
};

/// The runs of a block's elements begin .. end - 1 that belong to bases first .. last - 1, in order.
/// Math:   element j of a chunk belongs to basis (j + rotation) mod K, so the bases have one run
///         of elements in every K, cut where the chunk ends
class BasisRuns {
public:
    struct Run {
        std::uint64_t begin;
        std::size_t length;
        std::size_t lane;  ///< the basis of its first element, counted from the first basis
        std::uint64_t chunk;
    };

    BasisRuns(const SparseSign::Block& signs, std::uint64_t first, std::uint64_t last,
              std::uint64_t begin, std::uint64_t end)
        : signs_(signs), first_(first), last_(last), chunk_begin_(begin), end_(end) {
        enter_chunk();
    }

    std::optional<Run> next() {
        while (chunk_begin_ < end_) {
            const std::uint64_t size = (std::min)(signs_.chunk_size(), end_ - chunk_begin_);
            while (from_ < static_cast<std::int64_t>(size)) {
                const auto begin = static_cast<std::uint64_t>(std::max<std::int64_t>(from_, 0));
                const auto end =
                    std::min<std::int64_t>(from_ + static_cast<std::int64_t>(last_ - first_),
                                           static_cast<std::int64_t>(size));
                const auto lane =
                    static_cast<std::size_t>(static_cast<std::int64_t>(begin) - from_);
                from_ += static_cast<std::int64_t>(signs_.bases());
                if (end > static_cast<std::int64_t>(begin))
                    return Run{chunk_begin_ + begin, static_cast<std::size_t>(end) - begin, lane,
                               chunk_begin_ / signs_.chunk_size()};
            }
            chunk_begin_ += signs_.chunk_size();
            enter_chunk();
        }
        return std::nullopt;
    }

private:
    void enter_chunk() {
        if (chunk_begin_ >= end_) return;
        const std::uint64_t rotation = signs_.rotation(chunk_begin_ / signs_.chunk_size());
        from_ = static_cast<std::int64_t>(first_) - static_cast<std::int64_t>(rotation);
        if (from_ > 0) from_ -= static_cast<std::int64_t>(signs_.bases());
    }

    const SparseSign::Block& signs_;
    std::uint64_t first_;
    std::uint64_t last_;
    std::uint64_t chunk_begin_;
    std::uint64_t end_;
    std::int64_t from_ = 0;  ///< where the next run begins in the chunk, maybe before it
};

/// Bases that are summed at a time where there are many: their sums stay in the L2 cache.
inline constexpr std::size_t sparse_bases_at_once = std::size_t{1} << 17;

/// Adds the elements of a segment to the sums of bases first .. last - 1, at most sparse_bases_at_once, of a
/// block of more than sparse_least_lanes.
inline void add_many_bases(const Kernels& kernels, const SparseBlock& block, const Segment& segment,
                           std::uint32_t first, std::uint32_t last, double* totals) {
    const std::size_t count = last - first;
    const std::uint64_t chunks_per_stretch = block.stretch_size() / block.signs.chunk_size();
    CacheLineArray<float> sums(count + lanes);
    SignWords sign_words(block.signs, segment.end);

    BasisRuns runs(block.signs, first, last, segment.begin, segment.end);
    for (std::optional<BasisRuns::Run> run = runs.next(), next; run; run = next) {
        next = runs.next();
        // The end of a run fetches the beginning of the next one.
        const std::uint64_t end = run->begin + run->length;
        const std::int64_t gap = next ? static_cast<std::int64_t>(next->begin - end) : 0;
        block.update.for_each(
            block.offset + run->begin, run->length, kernels.sparse.in_place,
            [&](const UpdateSource& from, std::size_t at, std::size_t length) {
                SparseKernels::AddToSums* add_signed = kernels.sparse.add_to_sums(from);
                const std::uint64_t left = end - (run->begin + at);
                const std::uint64_t ahead = left - std::min<std::uint64_t>(left, prefetch_distance);
                const std::size_t body =
                    gap == 0 ? length
                             : static_cast<std::size_t>(std::min<std::uint64_t>(ahead, length));
                float* to = sums.data() + run->lane + at;
                add_signed(sign_words, run->begin + at, from, body, to, prefetch_distance);
                if (body < length)
                    add_signed(sign_words, run->begin + at + body, from.from(body), length - body,
                               to + body, prefetch_distance + gap);
            });
        if (next && next->chunk / chunks_per_stretch == run->chunk / chunks_per_stretch) continue;
        kernels.memory.add_to_totals(totals, sums.data(), count);
        std::fill_n(sums.data(), count, 0.0f);
    }
}

/// V^T Delta of SparseSign over runs of segments, in the canonical order of tiling.hpp.
inline std::vector<double> sparse_sums(const Cpu& cpu, const Kernels& kernels, const Layout& layout,
                                       const UpdateReader& update, const PhiloxKey& key,
                                       std::span<const std::uint32_t> bases_per_block,
                                       std::span<const SegmentRun> runs,
                                       std::span<const std::uint64_t> segment_sizes) {
    std::vector<SparseBlock> blocks;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        blocks.push_back(
            {update, layout.block_offset(block),
             SparseSign::Block(key, static_cast<std::uint32_t>(block), bases_per_block[block])});
    }
    return sum_segments(
        cpu, segments_of(layout, runs, segment_sizes, bases_per_block), bases_per_block,
        static_cast<std::uint32_t>(sparse_bases_at_once),
        [&](const Segment& segment) {
            return segment.end - segment.begin <= blocks[segment.block].stretch_size();
        },
        [&](const Segment& segment, std::uint32_t first, std::uint32_t last, double* partial) {
            const SparseBlock& block = blocks[segment.block];
            if (block.signs.bases() <= sparse_least_lanes)
                FewBases(kernels, block, segment, partial).add();
            else
                add_many_bases(kernels, block, segment, first, last, partial);
        });
}

}  // namespace ferret::cpu
