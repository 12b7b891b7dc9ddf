#pragma once

#include <thrust/find.h>
#include <thrust/iterator/counting_iterator.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/shard.hpp"
#include "../../error.hpp"
#include "../../floating_point.hpp"
#include "../../tensor/tensor.hpp"
#include "../placement.hpp"
#include "launch.cuh"
#include "memory.cuh"

namespace ferret::cuda {

/// `size` elements of the model from `begin` on, which lie in one tensor, or in none.
struct UpdatePiece {
    std::uint64_t begin;
    std::uint64_t size;
    const void* before;
    const void* after;  ///< none where `before` is delta itself
    DType before_dtype;
    DType after_dtype;
};

/// The same of a model to add to.
struct ModelPiece {
    std::uint64_t begin;
    std::uint64_t size;
    void* data;
    DType dtype;
};

template <class Number>
FERRET_DEVICE Number read_number(const void* data, DType dtype, std::uint64_t i) {
    return visit_dtype(dtype, [&]<class Stored>(Stored*) {
        return static_cast<Number>(static_cast<const Stored*>(data)[i]);
    });
}

/// Finds the piece of an element. An empty piece stands for none.
template <class Piece>
FERRET_DEVICE Piece find_piece(const Piece* pieces, std::uint32_t count, std::uint64_t element) {
    std::uint32_t first = 0;
    for (std::uint32_t last = count; first < last;) {
        const std::uint32_t middle = first + (last - first) / 2;
        if (pieces[middle].begin + pieces[middle].size <= element)
            first = middle + 1;
        else
            last = middle;
    }
    if (first < count && pieces[first].begin <= element) return pieces[first];
    return Piece{};
}

/// Elements of a piece of an update whose tensors may be of any types.
struct AnyDtype {
    FERRET_DEVICE static float read(const UpdatePiece& piece, std::uint64_t i) {
        if (piece.after == nullptr) return read_number<float>(piece.before, piece.before_dtype, i);
        if (piece.before_dtype == DType::float64 || piece.after_dtype == DType::float64)
            return static_cast<float>(read_number<double>(piece.before, piece.before_dtype, i) -
                                      read_number<double>(piece.after, piece.after_dtype, i));
        return read_number<float>(piece.before, piece.before_dtype, i) -
               read_number<float>(piece.after, piece.after_dtype, i);
    }

    /// The piece's elements from its i-th on.
    FERRET_DEVICE AnyDtype(const UpdatePiece& piece, std::uint64_t i) : piece_(piece), first_(i) {}

    FERRET_DEVICE float operator()(std::uint64_t i) const { return read(piece_, first_ + i); }

private:
    UpdatePiece piece_;
    std::uint64_t first_;
};

/// Elements of a piece of an update whose tensors are all of one type, which is not double.
template <class Stored, bool is_difference>
struct OneDtype {
    FERRET_DEVICE static float read(const UpdatePiece& piece, std::uint64_t i) {
        return OneDtype(piece, 0)(i);
    }

    /// The piece's elements from its i-th on.
    FERRET_DEVICE OneDtype(const UpdatePiece& piece, std::uint64_t i)
        : before_(static_cast<const Stored*>(piece.before) + i),
          after_(is_difference ? static_cast<const Stored*>(piece.after) + i : nullptr) {}

    template <class Index>
    FERRET_DEVICE float operator()(Index i) const {
        const auto before = static_cast<float>(before_[i]);
        if constexpr (is_difference)
            return before - static_cast<float>(after_[i]);
        else
            return before;
    }

private:
    const Stored* before_;
    const Stored* after_;
};

/// An update as kernels see it.
template <class Reader = AnyDtype>
struct UpdateView {
    const UpdatePiece* pieces;
    std::uint32_t count;

    /// Element of the model as a float; zero where no tensor holds it.
    /// at: the piece that was last read from, for speed; at first UpdatePiece{}
    FERRET_DEVICE float read(UpdatePiece& at, std::uint64_t element) const {
        if (element - at.begin >= at.size) {
            at = find_piece(pieces, count, element);
            if (at.size == 0) return 0.0f;
        }
        return Reader::read(at, element - at.begin);
    }

    /// Calls visit with what reads the model's elements from `begin` on by their number under length:
    /// from one tensor without a search, where one holds them all.
    template <class Visit>
    FERRET_DEVICE void visit_range(UpdatePiece& at, std::uint64_t begin, std::uint64_t length,
                                   const Visit& visit) const {
        if (begin - at.begin >= at.size) at = find_piece(pieces, count, begin);
        if (at.size > 0 && length <= at.size - (begin - at.begin))
            visit(Reader(at, begin - at.begin));
        else
            visit([&](std::uint64_t i) { return read(at, begin + i); });
    }
};

/// A model as kernels see it.
struct ModelView {
    const ModelPiece* pieces;
    std::uint32_t count;

    /// element += update, rounded to the tensor's dtype: one addition in float, or in double for a
    /// double tensor. Nothing where no tensor holds it.
    FERRET_DEVICE void add(ModelPiece& at, std::uint64_t element, float update) const {
        if (element - at.begin >= at.size) {
            at = find_piece(pieces, count, element);
            if (at.size == 0) return;
        }
        visit_dtype(at.dtype, [&]<class Stored>(Stored*) {
            using Number = std::conditional_t<std::is_same_v<Stored, double>, double, float>;
            Stored& stored = static_cast<Stored*>(at.data)[element - at.begin];
            stored = static_cast<Stored>(static_cast<Number>(stored) + static_cast<Number>(update));
        });
    }
};

struct IsNotFinite {
    UpdateView<> update;
    FERRET_DEVICE bool operator()(std::uint64_t element) const {
        UpdatePiece at{};
        return !is_finite(update.read(at, element));
    }
};

/// An update on the device to read: delta itself, or before and after, of which delta is never
/// stored.
class Update {
public:
    /// Throws: LayoutMismatch; DeviceError
    Update(const Cuda& cuda, const Layout& layout, const Shard& shard,
           const std::vector<TensorView>& before,
           const std::optional<std::vector<TensorView>>& after)
        : cuda_(cuda),
          layout_(layout),
          shard_(shard),
          placement_(layout, shard, std::span<const TensorView>(before)),
          pieces_(cuda, pieces_of(placement_, before, after, layout, shard)),
          is_difference_(after.has_value()) {
        const auto add = [this](const TensorView& tensor) {
            if (tensor.dtype != one_dtype_.value_or(tensor.dtype)) one_dtype_ = DType::float64;
            if (!one_dtype_) one_dtype_ = tensor.dtype;
        };
        std::for_each(before.begin(), before.end(), add);
        if (after) std::for_each(after->begin(), after->end(), add);
    }

    UpdateView<> view() const { return view_as<AnyDtype>(); }

    /// Calls visit with the view whose elements are read fastest.
    template <class Visit>
    void visit_view(const Visit& visit) const {
        visit_dtype(one_dtype_.value_or(DType::float64), [&]<class Stored>(Stored*) {
            if constexpr (std::is_same_v<Stored, double>)
                visit(view());
            else if (is_difference_)
                visit(view_as<OneDtype<Stored, true>>());
            else
                visit(view_as<OneDtype<Stored, false>>());
        });
    }

    /// For when a sum over the elements came out as no finite number.
    /// Throws: NonFinite naming tensor and index of the first element that is not finite, if one is
    void check_finite() const {
        const thrust::counting_iterator<std::uint64_t> first(0);
        const auto end = first + static_cast<std::ptrdiff_t>(layout_.element_count());
        const auto found = thrust::find_if(policy(cuda_), first, end, IsNotFinite{view()});
        if (found != end)
            throw NonFinite("update: expected finite numbers, got inf or nan in " +
                            placement_.where(layout_, shard_, *found));
    }

private:
    template <class Reader>
    UpdateView<Reader> view_as() const {
        return {pieces_.data(), static_cast<std::uint32_t>(pieces_.size())};
    }

    static std::vector<UpdatePiece> pieces_of(const Placement& placement,
                                              const std::vector<TensorView>& before,
                                              const std::optional<std::vector<TensorView>>& after,
                                              const Layout& layout, const Shard& shard) {
        if (after) static_cast<void>(Placement(layout, shard, std::span<const TensorView>(*after)));
        std::vector<UpdatePiece> pieces;
        for (const Placement::Piece& piece : placement.pieces()) {
            const TensorView& from = before[piece.tensor];
            const TensorView& to = after ? (*after)[piece.tensor] : from;
            pieces.push_back({piece.offset, piece.size, from.data, after ? to.data : nullptr,
                              from.dtype, to.dtype});
        }
        return pieces;
    }

    Cuda cuda_;
    const Layout& layout_;
    const Shard& shard_;
    Placement placement_;
    DeviceArray<UpdatePiece> pieces_;
    bool is_difference_;
    std::optional<DType> one_dtype_;  ///< of all tensors; float64 where there are several
};

/// A model on the device to add an update to.
class Model {
public:
    /// Throws: LayoutMismatch; DeviceError
    Model(const Cuda& cuda, const Layout& layout, const Shard& shard,
          const std::vector<MutableTensorView>& tensors)
        : pieces_(cuda,
                  pieces_of(Placement(layout, shard, std::span<const MutableTensorView>(tensors)),
                            tensors)) {}

    ModelView view() const { return {pieces_.data(), static_cast<std::uint32_t>(pieces_.size())}; }

private:
    static std::vector<ModelPiece> pieces_of(const Placement& placement,
                                             const std::vector<MutableTensorView>& tensors) {
        std::vector<ModelPiece> pieces;
        for (const Placement::Piece& piece : placement.pieces())
            pieces.push_back({piece.offset, piece.size, tensors[piece.tensor].data,
                              tensors[piece.tensor].dtype});
        return pieces;
    }

    DeviceArray<ModelPiece> pieces_;
};

}  // namespace ferret::cuda
