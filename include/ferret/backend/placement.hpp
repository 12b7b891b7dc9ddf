#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../block/layout.hpp"
#include "../block/shard.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../tensor/interval.hpp"

namespace ferret {

/// Where the local tensors lie in the model, in the model's order.
class Placement {
public:
    /// Throws: LayoutMismatch if the tensors are not those of the shard, or the shard leaves the
    ///         model or overlaps itself
    template <class View>
    Placement(const Layout& layout, const Shard& shard, std::span<const View> tensors)
        : Placement(layout, shard, sizes_of(tensors)) {}

    /// Calls visit(tensor, first element in the tensor, first element in the range, count) for
    /// every tensor that covers a part of the model's elements [begin, begin + count).
    template <class Visit>
    void for_each(std::uint64_t begin, std::uint64_t count, const Visit& visit) const {
        auto piece =
            std::upper_bound(pieces_.begin(), pieces_.end(), begin,
                             [](std::uint64_t at, const Interval& one) { return at < one.end; });
        for (; piece != pieces_.end() && piece->begin < begin + count; ++piece) {
            const std::uint64_t from = (std::max)(begin, piece->begin);
            const std::uint64_t to = (std::min)(begin + count, piece->end);
            visit(piece->index, static_cast<std::size_t>(from - piece->begin),
                  static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
        }
    }

    /// The tensor and the index in it of an element of the model that a tensor covers.
    std::string where(const Layout& layout, const Shard& shard, std::uint64_t element) const {
        std::string found;
        for_each(element, 1, [&](std::size_t tensor, std::size_t index, std::size_t, std::size_t) {
            found = label(layout, shard.extents(), tensor) + ", index " + std::to_string(index);
        });
        return found;
    }

    /// The model's elements that each tensor holds, in their order; empty tensors have none.
    std::span<const Interval> pieces() const { return pieces_; }

private:
    template <class View>
    static std::vector<std::uint64_t> sizes_of(std::span<const View> tensors) {
        std::vector<std::uint64_t> sizes;
        for (const View& tensor : tensors) sizes.push_back(tensor.size);
        return sizes;
    }

    Placement(const Layout& layout, const Shard& shard, const std::vector<std::uint64_t>& sizes) {
        const std::span<const Extent> extents = shard.extents();
        if (sizes.size() != extents.size())
            throw LayoutMismatch(
                error_text({"tensors: expected ", extents.size(), ", got ", sizes.size()}));
        for (std::size_t t = 0; t < sizes.size(); ++t) {
            if (sizes[t] != extents[t].size)
                throw LayoutMismatch(error_text({label(layout, extents, t), ": expected ",
                                                 extents[t].size, " elements, got ", sizes[t]}));
            if (extents[t].offset > layout.element_count() ||
                extents[t].size > layout.element_count() - extents[t].offset)
                throw LayoutMismatch(error_text(
                    {"shard: expected extents within ", layout.element_count(),
                     " elements, got offset ", extents[t].offset, " and size ", extents[t].size}));
            if (sizes[t] > 0)
                pieces_.push_back({extents[t].offset, extents[t].offset + sizes[t], t});
        }
        sort_intervals(pieces_);
        const std::size_t i = find_overlap(pieces_);
        if (i < pieces_.size())
            throw LayoutMismatch(error_text(
                {"shard: expected extents that do not overlap, got two at ", pieces_[i].begin}));
    }

    // A tensor of the whole model has a name; one of a shard is known by its number only.
    static std::string label(const Layout& layout, std::span<const Extent> extents,
                             std::size_t tensor) {
        const bool whole = extents.size() == layout.tensor_count() &&
                           extents[tensor].offset == layout.tensor_offset(tensor);
        return whole ? layout.tensor_label(tensor) : "tensor " + std::to_string(tensor);
    }

    std::vector<Interval> pieces_;
};

}  // namespace ferret
