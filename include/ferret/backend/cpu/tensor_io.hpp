#pragma once

#include <algorithm>
#include <array>
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
#include "../../floating_point.hpp"
#include "../../tensor/tensor.hpp"
#include "../placement.hpp"
#include "loops.hpp"

namespace ferret::cpu {

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
                         if (!is_finite(values[i]))
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

    /// Calls visit(Stored elements, first element in the range, count) for every tensor that covers a
    /// part of the model's elements [begin, begin + count), in order.
    template <class Visit>
    void for_each(std::uint64_t begin, std::uint64_t count, const Visit& visit) const {
        placement_.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                visit_dtype(tensors_[tensor].dtype, [&]<class T>(T*) {
                    visit(Stored<T>{static_cast<T*>(tensors_[tensor].data) + first}, at, length);
                });
            });
    }

    /// Adds update[i] to element begin + i and rounds to the tensor's dtype, to nearest even: one
    /// addition in float, or in double for a double tensor.
    template <class Loops>
    void add(std::uint64_t begin, std::size_t count, const float* update) const {
        for_each(begin, count, [&](const auto& stored, std::size_t at, std::size_t length) {
            Loops::add(stored.values, update + at, length);
        });
    }

private:
    Placement placement_;
    std::vector<MutableTensorView> tensors_;
};

}  // namespace ferret::cpu
