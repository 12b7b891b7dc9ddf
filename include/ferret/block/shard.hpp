#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "layout.hpp"

namespace ferret {

/// A range of the model's elements, counted over all tensors laid end to end.
struct Extent {
    std::uint64_t offset;
    std::uint64_t size;
};

/// Which part of the model one process holds, tensor by tensor: for tensor parallel, pipeline
/// parallel or ZeRO training. Each process projects its shard, and the sketches add up to the whole
/// model's; each rebuilds its shard from the whole sketch.
class Shard {
public:
    /// extents[t]: where local tensor t lies in the model
    explicit Shard(std::vector<Extent> extents) : extents_(std::move(extents)) {}

    /// The whole model.
    static Shard all(const Layout& layout) {
        std::vector<Extent> extents;
        for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor)
            extents.push_back({layout.tensor_offset(tensor), layout.tensor_size(tensor)});
        return Shard(std::move(extents));
    }

    /// Shard `index` of `count` that follow one another and cut no segment: what
    /// `Projector::project_part` makes of them combines to the very bits of the whole model. Each has
    /// d / count elements to within a segment's; where there are fewer segments some have none.
    /// Math:   shard s begins at the border of segments nearest to floor(s d / count), the first of two
    ///         that are equally near, and ends where shard s + 1 begins
    /// Shapes: segment_sizes: elements, one number a block, as segment_sizes() has them -> one extent
    ///         for each tensor that the shard has elements of
    /// Throws: LayoutMismatch if there is not one size over 0 for each block, or no such shard
    static Shard whole_segments(const Layout& layout, std::span<const std::uint64_t> segment_sizes,
                                std::uint32_t count, std::uint32_t index) {
        if (segment_sizes.size() != layout.block_count())
            throw LayoutMismatch(error_text({"shard: expected ", layout.block_count(),
                                             " segment sizes, got ", segment_sizes.size()}));
        if (std::find(segment_sizes.begin(), segment_sizes.end(), 0u) != segment_sizes.end())
            throw LayoutMismatch("shard: expected segment sizes over 0, got 0");
        if (index >= count)
            throw LayoutMismatch(
                error_text({"shard: expected an index under ", count, ", got ", index}));
        const std::uint64_t begin = nearest_border(layout, segment_sizes, count, index);
        const std::uint64_t end =
            nearest_border(layout, segment_sizes, count, std::uint64_t{index} + 1);
        std::vector<Extent> extents;
        for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor) {
            const std::uint64_t first = layout.tensor_offset(tensor);
            const std::uint64_t from = (std::max)(begin, first);
            const std::uint64_t to = (std::min)(end, first + layout.tensor_size(tensor));
            if (from < to) extents.push_back({from, to - from});
        }
        return Shard(std::move(extents));
    }

    std::span<const Extent> extents() const { return extents_; }

private:
    /// The border of segments nearest to floor(index d / count).
    static std::uint64_t nearest_border(const Layout& layout,
                                        std::span<const std::uint64_t> segment_sizes,
                                        std::uint64_t count, std::uint64_t index) {
        const std::uint64_t d = layout.element_count();
        // In two parts, or the product would not fit 64 bits.
        const std::uint64_t target = d / count * index + d % count * index / count;
        if (target == d) return d;
        std::size_t block = 0;
        while (layout.block_offset(block) + layout.block_size(block) <= target) ++block;
        const std::uint64_t within = target - layout.block_offset(block);
        const std::uint64_t before = within - within % segment_sizes[block];
        const std::uint64_t after =
            before + (std::min)(segment_sizes[block], layout.block_size(block) - before);
        return layout.block_offset(block) + (after - within < within - before ? after : before);
    }

    std::vector<Extent> extents_;
};

}  // namespace ferret
