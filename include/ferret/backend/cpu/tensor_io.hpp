#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/shard.hpp"
#include "../../error.hpp"
#include "../../error_text.hpp"
#include "../../floating_point.hpp"
#include "../../tensor/tensor.hpp"
#include "../function_ref.hpp"
#include "../placement.hpp"
#include "kernels.hpp"

namespace ferret::cpu {

/// out[i] = element `first + i`, rounded to Number: float, or double, which holds every storage type's
/// numbers.
template <class Number>
void load_as(const TensorView& tensor, std::size_t first, std::size_t count, Number* out) {
    visit_dtype(tensor.dtype, [&]<class T>(T*) {
        using Readable = std::conditional_t<std::is_same_v<T, double>, double, float>;
        const T* elements = static_cast<const T*>(tensor.data) + first;
        for (std::size_t i = 0; i < count; ++i)
            out[i] = static_cast<Number>(static_cast<Readable>(elements[i]));
    });
}

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

    /// Visits the source, its first element in the range and the number of its elements.
    using Visit = FunctionRef<void(const UpdateSource&, std::size_t, std::size_t)>;

    /// Calls visit for every tensor that covers a part of the model's elements [begin, begin + count),
    /// in order. The source is the tensor in place, or a tile of it that was converted to floats where
    /// its type is not to be taken so or types are mixed.
    void for_each(std::uint64_t begin, std::uint64_t count, const ByDType<bool>& in_place,
                  const Visit& visit) const {
        placement_.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                const DType dtype = before_[tensor].dtype;
                const bool mixed = after_ && (*after_)[tensor].dtype != dtype;
                if (mixed || !of_dtype(in_place, dtype))
                    return convert(tensor, first, at, length, visit);
                const void* after = after_ ? (*after_)[tensor].data : nullptr;
                visit(UpdateSource{before_[tensor].data, after, dtype}.from(first), at, length);
            });
    }

    /// Reads the model's elements [begin, begin + count) as floats; elements of no tensor are zero.
    /// Returns: whether a tensor covers any of them; if none does, out is left as it is
    bool load(const MemoryKernels& kernels, std::uint64_t begin, std::size_t count,
              float* out) const {
        std::size_t covered = 0;
        for_each(begin, count, kernels.in_place,
                 [&](const UpdateSource& from, std::size_t at, std::size_t length) {
                     // Tensors come in order: what lies between two of them belongs to neither.
                     std::fill(out + covered, out + at, 0.0f);
                     kernels.load(from)(from, length, out + at);
                     covered = at + length;
                 });
        if (covered == 0) return false;
        std::fill(out + covered, out + count, 0.0f);
        return true;
    }

    /// For when a sum over the elements came out as no finite number.
    /// Throws: NonFinite naming tensor and index of the first element that is not finite, if one is
    void check_finite() const {
        placement_.for_each(
            0, layout_.element_count(),
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                convert(tensor, first, at, length,
                        [&](const UpdateSource& from, std::size_t begin, std::size_t count) {
                            const auto* values = static_cast<const float*>(from.before);
                            for (std::size_t i = 0; i < count; ++i)
                                if (!is_finite(values[i])) fail(begin + i);
                        });
            });
    }

private:
    /// Visits converted tiles of `length` elements from `at` on.
    /// Math:   subtracted in double and rounded to float: for floats the same as subtracting in float,
    ///         as a double has more than twice the bits of one
    /// Source: Figueroa, When is double rounding innocuous? (1995)
    void convert(std::size_t tensor, std::size_t first, std::size_t at, std::size_t length,
                 const Visit& visit) const {
        constexpr std::size_t size = 1024;
        std::array<float, size> tile;
        std::array<double, size> before, after;
        for (std::size_t begin = 0; begin < length; begin += size) {
            const std::size_t count = (std::min)(size, length - begin);
            if (after_) {
                load_as(before_[tensor], first + begin, count, before.data());
                load_as((*after_)[tensor], first + begin, count, after.data());
                for (std::size_t i = 0; i < count; ++i)
                    tile[i] = static_cast<float>(before[i] - after[i]);
            } else {
                load_as(before_[tensor], first + begin, count, tile.data());
            }
            visit({tile.data(), nullptr, DType::float32}, at + begin, count);
        }
    }

    [[noreturn]] void fail(std::uint64_t element) const {
        throw NonFinite(error_text({"update: expected finite numbers, got inf or nan in ",
                                    placement_.where(layout_, shard_, element)}));
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

    /// Visits a part of a tensor and its first element in the range.
    using Visit = FunctionRef<void(const MutableTensorView&, std::size_t)>;

    /// Calls visit for every tensor that covers a part of the model's elements [begin, begin + count),
    /// in order.
    void for_each(std::uint64_t begin, std::uint64_t count, const Visit& visit) const {
        placement_.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                const auto [data, size, dtype] = tensors_[tensor];
                visit({static_cast<std::byte*>(data) + first * size_of(dtype), length, dtype}, at);
            });
    }

    /// Adds update[i] to element begin + i and rounds to the tensor's dtype, to nearest even: one
    /// addition in float, or in double for a double tensor.
    void add(const MemoryKernels& kernels, std::uint64_t begin, std::size_t count,
             const float* update) const {
        for_each(begin, count, [&](const MutableTensorView& to, std::size_t at) {
            of_dtype(kernels.add, to.dtype)(to.data, update + at, to.size);
        });
    }

private:
    Placement placement_;
    std::vector<MutableTensorView> tensors_;
};

}  // namespace ferret::cpu
