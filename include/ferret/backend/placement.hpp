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

namespace ferret {

/// Where the local tensors lie in the model, in the model's order.
class Placement {
public:
    /// The model's elements that one tensor holds.
    struct Piece {
        std::uint64_t offset;
        std::uint64_t size;
        std::size_t tensor;
    };

    /// Throws: LayoutMismatch if the tensors are not those of the shard, or the shard leaves the
    ///         model or overlaps itself
    template <class View>
    Placement(const Layout& layout, const Shard& shard, std::span<const View> tensors) {
        const std::span<const Extent> extents = shard.extents();
        if (tensors.size() != extents.size())
            throw LayoutMismatch("tensors: expected " + std::to_string(extents.size()) + ", got " +
                                 std::to_string(tensors.size()));
        for (std::size_t t = 0; t < tensors.size(); ++t) {
            if (tensors[t].size != extents[t].size)
                throw LayoutMismatch(label(layout, extents, t) + ": expected " +
                                     std::to_string(extents[t].size) + " elements, got " +
                                     std::to_string(tensors[t].size));
            if (extents[t].offset > layout.element_count() ||
                extents[t].size > layout.element_count() - extents[t].offset)
                throw LayoutMismatch("shard: expected extents within " +
                                     std::to_string(layout.element_count()) +
                                     " elements, got offset " + std::to_string(extents[t].offset) +
                                     " and size " + std::to_string(extents[t].size));
            if (extents[t].size > 0) pieces_.push_back({extents[t].offset, extents[t].size, t});
        }
        std::sort(pieces_.begin(), pieces_.end(),
                  [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
        for (std::size_t i = 1; i < pieces_.size(); ++i)
            if (pieces_[i - 1].offset + pieces_[i - 1].size > pieces_[i].offset)
                throw LayoutMismatch("shard: expected extents that do not overlap, got two at " +
                                     std::to_string(pieces_[i].offset));
    }

    /// Calls visit(tensor, first element in the tensor, first element in the range, count) for
    /// every tensor that covers a part of the model's elements [begin, begin + count).
    template <class Visit>
    void for_each(std::uint64_t begin, std::uint64_t count, const Visit& visit) const {
        auto piece = std::upper_bound(
            pieces_.begin(), pieces_.end(), begin,
            [](std::uint64_t at, const Piece& one) { return at < one.offset + one.size; });
        for (; piece != pieces_.end() && piece->offset < begin + count; ++piece) {
            const std::uint64_t from = (std::max)(begin, piece->offset);
            const std::uint64_t to = (std::min)(begin + count, piece->offset + piece->size);
            visit(piece->tensor, static_cast<std::size_t>(from - piece->offset),
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

    /// In the order of the model; empty tensors have none.
    std::span<const Piece> pieces() const { return pieces_; }

private:
    // A tensor of the whole model has a name; one of a shard is known by its number only.
    static std::string label(const Layout& layout, std::span<const Extent> extents,
                             std::size_t tensor) {
        const bool whole = extents.size() == layout.tensor_count() &&
                           extents[tensor].offset == layout.tensor_offset(tensor);
        return whole ? layout.tensor_label(tensor) : "tensor " + std::to_string(tensor);
    }

    std::vector<Piece> pieces_;
};

}  // namespace ferret
