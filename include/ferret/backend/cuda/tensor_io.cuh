#pragma once

#include <thrust/find.h>
#include <thrust/iterator/counting_iterator.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
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

/// Elements of a piece of an update from some element on, whose tensors may be of any types.
class AnyDtype {
public:
    FERRET_DEVICE AnyDtype(const UpdatePiece& piece, std::uint64_t first)
        : piece_(piece), first_(first) {}

    /// Begins some elements later.
    FERRET_DEVICE void advance(std::uint64_t count) { first_ += count; }

    FERRET_DEVICE float operator()(std::uint64_t i) const {
        if (piece_.after == nullptr) return before<float>(i);
        if (piece_.before_dtype == DType::float64 || piece_.after_dtype == DType::float64)
            return static_cast<float>(before<double>(i) - after<double>(i));
        return before<float>(i) - after<float>(i);
    }

private:
    template <class Number>
    FERRET_DEVICE Number before(std::uint64_t i) const {
        return read_number<Number>(piece_.before, piece_.before_dtype, first_ + i);
    }
    template <class Number>
    FERRET_DEVICE Number after(std::uint64_t i) const {
        return read_number<Number>(piece_.after, piece_.after_dtype, first_ + i);
    }

    UpdatePiece piece_;
    std::uint64_t first_;
};

/// The same where the tensors are of one type, which is not double.
template <class Stored, bool is_difference>
class OneDtype {
public:
    FERRET_DEVICE OneDtype(const UpdatePiece& piece, std::uint64_t first)
        : before_(static_cast<const Stored*>(piece.before) + first),
          after_(is_difference ? static_cast<const Stored*>(piece.after) + first : nullptr) {}

    FERRET_DEVICE void advance(std::uint64_t count) {
        before_ += count;
        if constexpr (is_difference) after_ += count;
    }

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
struct UpdateView {
    const UpdatePiece* pieces;
    std::uint32_t count;

    /// Element of the model as a float; zero where no tensor holds it.
    /// at: the piece that was last read from, for speed; at first UpdatePiece{}
    FERRET_DEVICE float read(UpdatePiece& at, std::uint64_t element) const {
        return seek(at, element) ? AnyDtype(at, 0)(element - at.begin) : 0.0f;
    }

    /// Makes `at` the piece that holds an element; false, and an empty piece, where no tensor does.
    FERRET_DEVICE bool seek(UpdatePiece& at, std::uint64_t element) const {
        if (element - at.begin >= at.size) at = find_piece(pieces, count, element);
        return at.size > 0;
    }

    /// Calls visit with what reads the model's elements from `begin` on by their number under length:
    /// where one tensor holds them all, with its own type and without a search.
    template <class Visit>
    FERRET_DEVICE void visit_range(UpdatePiece& at, std::uint64_t begin, std::uint64_t length,
                                   const Visit& visit) const {
        if (begin - at.begin >= at.size) at = find_piece(pieces, count, begin);
        const std::uint64_t first = begin - at.begin;
        const bool is_difference = at.after != nullptr;
        if (at.size == 0 || length > at.size - first ||
            (is_difference && at.after_dtype != at.before_dtype)) {
            visit(AnyTensors{*this, at, begin});
            return;
        }
        visit_dtype(at.before_dtype, [&]<class Stored>(Stored*) {
            if constexpr (std::is_same_v<Stored, double>)
                visit(AnyDtype(at, first));
            else if (is_difference)
                visit(OneDtype<Stored, true>(at, first));
            else
                visit(OneDtype<Stored, false>(at, first));
        });
    }

private:
    /// Elements that lie in several tensors, or in none.
    struct AnyTensors {
        const UpdateView& update;
        UpdatePiece& at;
        std::uint64_t begin;

        FERRET_DEVICE void advance(std::uint64_t count) { begin += count; }
        FERRET_DEVICE float operator()(std::uint64_t i) const { return update.read(at, begin + i); }
    };
};

/// Elements of a model in one tensor, from some element on.
template <class Stored>
class TensorElements {
public:
    FERRET_DEVICE explicit TensorElements(Stored* first) : first_(first) {}

    /// element += update, rounded to the tensor's type: one addition in float, or in double for a
    /// double tensor.
    template <class Index>
    FERRET_DEVICE void add(Index i, float update) const {
        first_[i] = sum(first_[i], update);
    }

    /// The same for four elements from i on, in one access to memory where they are aligned.
    FERRET_DEVICE void add(unsigned i, const float (&updates)[4]) const {
        struct alignas(4 * sizeof(Stored) < 16 ? 4 * sizeof(Stored) : 16) Four {
            Stored values[4];
        };
        if (reinterpret_cast<std::uintptr_t>(first_ + i) % alignof(Four) == 0) {
            Four& stored = *reinterpret_cast<Four*>(first_ + i);
            Four four = stored;
            FERRET_UNROLL_LOOP
            for (unsigned j = 0; j < 4; ++j) four.values[j] = sum(four.values[j], updates[j]);
            stored = four;
        } else {
            for (unsigned j = 0; j < 4; ++j) add(i + j, updates[j]);
        }
    }

private:
    FERRET_DEVICE static Stored sum(Stored stored, float update) {
        using Number = std::conditional_t<std::is_same_v<Stored, double>, double, float>;
        return static_cast<Stored>(static_cast<Number>(stored) + static_cast<Number>(update));
    }

    Stored* first_;
};

/// A model as kernels see it.
struct ModelView {
    const ModelPiece* pieces;
    std::uint32_t count;

    /// Calls visit with what adds to the model's elements from `begin` on by their number under
    /// length; adds nothing where no tensor holds them.
    template <class Visit>
    FERRET_DEVICE void visit_range(std::uint64_t begin, std::uint64_t length,
                                   const Visit& visit) const {
        const ModelPiece piece = find_piece(pieces, count, begin);
        if (piece.size > 0 && length <= piece.size - (begin - piece.begin))
            visit_dtype(piece.dtype, [&]<class Stored>(Stored*) {
                visit(TensorElements(static_cast<Stored*>(piece.data) + (begin - piece.begin)));
            });
        else
            visit(AnyTensors{*this, begin});
    }

private:
    /// Elements that lie in several tensors, or in none.
    struct AnyTensors {
        const ModelView& model;
        std::uint64_t begin;

        FERRET_DEVICE void add(std::uint64_t i, float update) const {
            const ModelPiece piece = find_piece(model.pieces, model.count, begin + i);
            if (piece.size == 0) return;
            visit_dtype(piece.dtype, [&]<class Stored>(Stored*) {
                TensorElements(static_cast<Stored*>(piece.data))
                    .add(begin + i - piece.begin, update);
            });
        }
        FERRET_DEVICE void add(unsigned i, const float (&updates)[4]) const {
            for (unsigned j = 0; j < 4; ++j) add(std::uint64_t{i} + j, updates[j]);
        }
    };
};

struct IsNotFinite {
    UpdateView update;
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
          pieces_(cuda, pieces_of(placement_, before, after, layout, shard)) {}

    UpdateView view() const { return {pieces_.data(), static_cast<std::uint32_t>(pieces_.size())}; }

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
    static std::vector<UpdatePiece> pieces_of(const Placement& placement,
                                              const std::vector<TensorView>& before,
                                              const std::optional<std::vector<TensorView>>& after,
                                              const Layout& layout, const Shard& shard) {
        if (after) static_cast<void>(Placement(layout, shard, std::span<const TensorView>(*after)));
        std::vector<UpdatePiece> pieces;
        for (const Interval& piece : placement.pieces()) {
            const TensorView& from = before[piece.index];
            const TensorView& to = after ? (*after)[piece.index] : from;
            pieces.push_back({piece.begin, piece.end - piece.begin, from.data,
                              after ? to.data : nullptr, from.dtype, to.dtype});
        }
        return pieces;
    }

    Cuda cuda_;
    const Layout& layout_;
    const Shard& shard_;
    Placement placement_;
    DeviceArray<UpdatePiece> pieces_;
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
        for (const Interval& piece : placement.pieces())
            pieces.push_back({piece.begin, piece.end - piece.begin, tensors[piece.index].data,
                              tensors[piece.index].dtype});
        return pieces;
    }

    DeviceArray<ModelPiece> pieces_;
};

}  // namespace ferret::cuda
