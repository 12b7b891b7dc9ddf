#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/shard.hpp"
#include "../../block/tiling.hpp"
#include "../../error.hpp"
#include "../../tensor/tensor.hpp"
#include "loops.hpp"

namespace ferret::cpu {

/// Where the local tensors lie in the model, in the model's order.
class Placement {
public:
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
            const std::uint64_t from = std::max(begin, piece->offset);
            const std::uint64_t to = std::min(begin + count, piece->offset + piece->size);
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

private:
    struct Piece {
        std::uint64_t offset;
        std::uint64_t size;
        std::size_t tensor;
    };

    // A tensor of the whole model has a name; one of a shard is known by its number only.
    static std::string label(const Layout& layout, std::span<const Extent> extents,
                             std::size_t tensor) {
        const bool whole = extents.size() == layout.tensor_count() &&
                           extents[tensor].offset == layout.tensor_offset(tensor);
        return whole ? layout.tensor_label(tensor) : "tensor " + std::to_string(tensor);
    }

    std::vector<Piece> pieces_;
};

/// An update to read: delta itself, or before and after, of which delta is never stored.
class UpdateReader {
public:
    /// after: none where `before` is delta itself
    /// Throws: LayoutMismatch
    UpdateReader(const Layout& layout, const Shard& shard, std::vector<TensorView> before,
                 std::optional<std::vector<TensorView>> after = std::nullopt)
        : layout_(layout),
          shard_(shard),
          placement_(layout, shard, std::span<const TensorView>(before)),
          before_(std::move(before)),
          after_(std::move(after)) {
        if (after_)
            static_cast<void>(Placement(layout, shard, std::span<const TensorView>(*after_)));
    }

    /// Calls visit(values, first element in the range, count) for every tensor that covers a part
    /// of the model's elements [begin, begin + count), in order. `values` reads the tensor in place,
    /// or a tile of it that was converted where types are mixed or double.
    template <class Visit>
    void for_each(std::uint64_t begin, std::uint64_t count, const Visit& visit) const {
        placement_.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                visit_dtype(before_[tensor].dtype, [&]<class Before>(Before*) {
                    const auto* before = static_cast<const Before*>(before_[tensor].data) + first;
                    if (!after_) return visit_values(before, at, length, visit);
                    visit_dtype((*after_)[tensor].dtype, [&]<class After>(After*) {
                        visit_difference(before,
                                         static_cast<const After*>((*after_)[tensor].data) + first,
                                         at, length, visit);
                    });
                });
            });
    }

    /// Reads the model's elements [begin, begin + count) as floats; elements of no tensor are zero.
    /// Returns: whether a tensor covers any of them; if none does, out is left as it is
    template <class Loops>
    bool load(std::uint64_t begin, std::size_t count, float* out) const {
        std::size_t covered = 0;
        for_each(begin, count, [&](const auto& values, std::size_t at, std::size_t length) {
            // Tensors come in order: what lies between two of them belongs to neither.
            std::fill(out + covered, out + at, 0.0f);
            Loops::copy(values, length, out + at);
            covered = at + length;
        });
        if (covered == 0) return false;
        std::fill(out + covered, out + count, 0.0f);
        return true;
    }

    /// For when a sum over the elements came out as no finite number.
    /// Throws: NonFinite naming tensor and index of the first element that is not finite, if one is
    void check_finite() const {
        for_each(0, layout_.element_count(),
                 [&](const auto& values, std::size_t at, std::size_t length) {
                     for (std::size_t i = 0; i < length; ++i)
                         if (!std::isfinite(values[i]))
                             throw NonFinite("update: expected finite numbers, got inf or nan in " +
                                             placement_.where(layout_, shard_, at + i));
                 });
    }

private:
    template <class Stored, class Visit>
    static void visit_values(const Stored* values, std::size_t at, std::size_t length,
                             const Visit& visit) {
        if constexpr (std::is_same_v<Stored, double>)
            convert(at, length, visit, [values](std::size_t i) { return values[i]; });
        else
            visit(Values<Stored>{values}, at, length);
    }

    template <class Before, class After, class Visit>
    static void visit_difference(const Before* before, const After* after, std::size_t at,
                                 std::size_t length, const Visit& visit) {
        constexpr bool wide = std::is_same_v<Before, double> || std::is_same_v<After, double>;
        using Number = std::conditional_t<wide, double, float>;
        if constexpr (std::is_same_v<Before, After> && !wide)
            visit(Difference<Before>{before, after}, at, length);
        else
            convert(at, length, visit, [before, after](std::size_t i) {
                return static_cast<Number>(before[i]) - static_cast<Number>(after[i]);
            });
    }

    /// Visits converted tiles of `length` elements from `at` on.
    template <class Visit, class Element>
    static void convert(std::size_t at, std::size_t length, const Visit& visit,
                        const Element& element) {
        std::array<float, tile_size> tile;
        for (std::size_t begin = 0; begin < length; begin += tile_size) {
            const std::size_t count = std::min<std::size_t>(tile_size, length - begin);
            for (std::size_t i = 0; i < count; ++i)
                tile[i] = static_cast<float>(element(begin + i));
            visit(Values<float>{tile.data()}, at + begin, count);
        }
    }

    const Layout& layout_;
    const Shard& shard_;
    Placement placement_;
    std::vector<TensorView> before_;
    std::optional<std::vector<TensorView>> after_;
};

/// A model to add an update to.
class ModelWriter {
public:
    /// Throws: LayoutMismatch
    ModelWriter(const Layout& layout, const Shard& shard, std::vector<MutableTensorView> tensors)
        : placement_(layout, shard, std::span<const MutableTensorView>(tensors)),
          tensors_(std::move(tensors)) {}

    bool covers(std::uint64_t begin, std::size_t count) const {
        bool covered = false;
        placement_.for_each(begin, count, [&](auto...) { covered = true; });
        return covered;
    }

    /// Adds update[i] to element begin + i and rounds to the tensor's dtype, to nearest even: one
    /// addition in float, or in double for a double tensor.
    template <class Loops>
    void add(std::uint64_t begin, std::size_t count, const float* update) const {
        placement_.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                visit_dtype(tensors_[tensor].dtype, [&]<class Stored>(Stored*) {
                    Loops::add(static_cast<Stored*>(tensors_[tensor].data) + first, update + at,
                               length);
                });
            });
    }

private:
    Placement placement_;
    std::vector<MutableTensorView> tensors_;
};

}  // namespace ferret::cpu
