#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "dtype.hpp"
#include "interval.hpp"

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

// By std::begin and std::data, not <ranges>, which takes the compiler as long as all else here.
template <class Range>
using IteratorOf = decltype(std::begin(std::declval<Range&>()));
template <class Range>
using ValueOf = std::iter_value_t<IteratorOf<Range>>;

/// A range whose elements lie side by side in memory.
template <class T>
concept ContiguousRange = std::contiguous_iterator<IteratorOf<T>> && requires(T& range) {
    std::data(range);
    std::size(range);
};

/// Contiguous host ranges of elements: std::vector, std::span, std::array, C arrays.
template <ContiguousRange T>
requires Element<ValueOf<T>>
struct TensorAccess<T> {
    static constexpr MemorySpace space = MemorySpace::host;
    static constexpr DType dtype = DTypeOf<ValueOf<T>>::value;

    static TensorView view(const T& tensor) {
        return {std::data(tensor), std::size(tensor), dtype};
    }
    static MutableTensorView mutable_view(T& tensor) requires(
        !std::is_const_v<std::remove_reference_t<std::iter_reference_t<IteratorOf<T>>>>) {
        return {std::data(tensor), std::size(tensor), dtype};
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
    (std::forward_iterator<IteratorOf<T>>&& Tensor<ValueOf<T>, Space>);

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
     MutableTensor<std::remove_reference_t<std::iter_reference_t<IteratorOf<T>>>>);

/// The views of a tensor list, in its order.
template <class List>
std::vector<TensorView> views_of(const List& list) {
    if constexpr (requires { TensorAccess<List>::view(list); }) {
        return {TensorAccess<List>::view(list)};
    } else {
        std::vector<TensorView> views;
        for (const auto& tensor : list) views.push_back(TensorAccess<ValueOf<List>>::view(tensor));
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
    std::vector<Interval> memory;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        const auto begin = reinterpret_cast<std::uintptr_t>(tensors[t].data);
        if (tensors[t].size > 0)
            memory.push_back({begin, begin + tensors[t].size * size_of(tensors[t].dtype), t});
    }
    sort_intervals(memory);
    const std::size_t i = find_overlap(memory);
    if (i == memory.size()) return;
    const auto [first, second] = std::minmax(memory[i - 1].index, memory[i].index);
    throw LayoutMismatch(
        error_text({"model: expected tensors with memory of their own, got tensors ", first,
                    " and ", second, " in the same"}));
}

}  // namespace ferret
