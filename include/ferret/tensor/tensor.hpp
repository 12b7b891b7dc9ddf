#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "../error.hpp"
#include "dtype.hpp"

namespace ferret {

/// Where a tensor's memory is. `any`: known only at run time, and checked then.
enum class MemorySpace { host, device, any };

/// A tensor to read: contiguous storage of one dtype. Does not own.
struct TensorView {
    const void* data;
    std::size_t size;
    DType dtype;
};

/// A tensor to read and write.
struct MutableTensorView {
    void* data;
    std::size_t size;
    DType dtype;
};

/// How ferret sees a type as a tensor. Specialise it for your own type with `space`,
/// `view(const T&) -> TensorView` and `mutable_view(T&) -> MutableTensorView`.
template <class T>
struct TensorAccess {};

/// Contiguous host ranges of elements: std::vector, std::span, std::array, C arrays.
template <class T>
requires std::ranges::contiguous_range<T> && std::ranges::sized_range<T> &&
    Element<std::ranges::range_value_t<T>>
struct TensorAccess<T> {
    static constexpr MemorySpace space = MemorySpace::host;
    static constexpr DType dtype = DTypeOf<std::ranges::range_value_t<T>>::value;

    static TensorView view(const T& tensor) {
        return {std::ranges::data(tensor), std::ranges::size(tensor), dtype};
    }
    static MutableTensorView mutable_view(T& tensor) requires(
        !std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<T>>>) {
        return {std::ranges::data(tensor), std::ranges::size(tensor), dtype};
    }
};

/// A type that can be read as a tensor in memory that `Space` reaches.
template <class T, MemorySpace Space>
concept Tensor = requires(const std::remove_cvref_t<T>& tensor) {
    { TensorAccess<std::remove_cvref_t<T>>::view(tensor) } -> std::same_as<TensorView>;
    requires TensorAccess<std::remove_cvref_t<T>>::space == Space ||
        TensorAccess<std::remove_cvref_t<T>>::space == MemorySpace::any;
};

/// A tensor, or a range of tensors: what stands for a model or an update.
template <class T, MemorySpace Space>
concept TensorList = Tensor<T, Space> ||
    (std::ranges::forward_range<T>&& Tensor<std::ranges::range_value_t<T>, Space>);

template <class T>
concept HasTensorAccess = requires {
    TensorAccess<T>::space;
};

/// How to write to a tensor. What is const may still refer to memory that is not: a const
/// std::span<float> does, a const std::vector<float> does not.
template <class T>
using WriteAccess = TensorAccess<std::conditional_t<HasTensorAccess<T>, T, std::remove_cv_t<T>>>;

/// A tensor that can be written.
template <class T>
concept MutableTensor = requires(T& tensor) {
    { WriteAccess<T>::mutable_view(tensor) } -> std::same_as<MutableTensorView>;
};

/// A tensor list whose tensors can be written.
template <class T, MemorySpace Space>
concept MutableTensorList = TensorList<T, Space> &&
    (MutableTensor<std::remove_reference_t<T>> ||
     MutableTensor<std::remove_reference_t<std::ranges::range_reference_t<T>>>);

/// The views of a tensor list, in its order.
template <class List>
std::vector<TensorView> views_of(const List& list) {
    if constexpr (requires { TensorAccess<List>::view(list); }) {
        return {TensorAccess<List>::view(list)};
    } else {
        std::vector<TensorView> views;
        for (const auto& tensor : list)
            views.push_back(TensorAccess<std::ranges::range_value_t<List>>::view(tensor));
        return views;
    }
}

/// The writable views of a tensor list, in its order.
template <class List>
std::vector<MutableTensorView> mutable_views_of(List& list) {
    if constexpr (MutableTensor<List>) {
        return {WriteAccess<List>::mutable_view(list)};
    } else {
        std::vector<MutableTensorView> views;
        for (auto& tensor : list)
            views.push_back(
                WriteAccess<std::remove_reference_t<decltype(tensor)>>::mutable_view(tensor));
        return views;
    }
}

/// Throws: LayoutMismatch if two tensors share memory, as tied weights that a model lists twice do:
///         they would get two updates, from two threads at once
inline void check_disjoint(std::span<const MutableTensorView> tensors) {
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::erase_if(order, [&](std::size_t t) { return tensors[t].size == 0; });
    const auto begin_of = [&](std::size_t t) {
        return static_cast<const std::byte*>(tensors[t].data);
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::less<>{}(begin_of(a), begin_of(b));
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const MutableTensorView& before = tensors[order[i - 1]];
        const std::byte* end = begin_of(order[i - 1]) + before.size * size_of(before.dtype);
        if (std::less<>{}(begin_of(order[i]), end)) {
            const auto [first, second] = std::minmax(order[i - 1], order[i]);
            throw LayoutMismatch("model: expected tensors with memory of their own, got tensors " +
                                 std::to_string(first) + " and " + std::to_string(second) +
                                 " in the same");
        }
    }
}

}  // namespace ferret
