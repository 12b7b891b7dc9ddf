#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "../function_ref.hpp"
#include "cpu.hpp"
#include "dense_bases.hpp"
#include "kernels.hpp"
#include "loops.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Elements of a SparseSign block that are rebuilt at a time: longer than a tile, which is little
/// work, and every stretch has a start.
inline constexpr std::size_t sparse_stretch = 4 * tile_size;

/// A part of a block: its first element, how many, and the first element counted in the model.
struct Stretch {
    std::size_t block;
    std::uint64_t begin;
    std::size_t count;
    std::uint64_t element;
};

/// Calls add for every stretch of `size` elements of a block of which the model has any, in parallel.
inline void for_each_stretch(const Cpu& cpu, const Layout& layout, const ModelWriter& model,
                             std::uint64_t size, FunctionRef<void(const Stretch&)> add) {
    std::vector<std::uint64_t> first_stretch{0};
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        first_stretch.push_back(first_stretch.back() +
                                (layout.block_size(block) + size - 1) / size);

    parallel_for(cpu, static_cast<std::size_t>(first_stretch.back()), [&](std::size_t i) {
        const auto after = std::upper_bound(first_stretch.begin(), first_stretch.end(), i);
        const auto block = static_cast<std::size_t>(after - first_stretch.begin()) - 1;
        const std::uint64_t begin = (i - first_stretch[block]) * size;
        const auto count = static_cast<std::size_t>(
            (std::min<std::uint64_t>)(size, layout.block_size(block) - begin));
        const std::uint64_t element = layout.block_offset(block) + begin;
        if (model.covers(element, count)) add({block, begin, count, element});
    });
}

/// What the raw values of one sketch's bases are multiplied by.
class Factors {
public:
    /// Throws: NonFinite if a factor overflows
    Factors(const Sketch& sketch, float scale, std::span<const double> amplitudes)
        : key_(basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis))),
          values_(coefficients_of(sketch, scale, amplitudes)) {
        for (const std::uint32_t bases : sketch.bases_per_block)
            offsets_.push_back(offsets_.back() + bases);
    }

    const PhiloxKey& key() const { return key_; }
    std::span<const float> of_block(std::size_t block) const {
        return std::span(values_).subspan(offsets_[block], offsets_[block + 1] - offsets_[block]);
    }

private:
    PhiloxKey key_;
    std::vector<float> values_;
    std::vector<std::size_t> offsets_{0};
};

/// Adds up what all sketches have for a stretch, from zero, and adds that to the model.
/// Shapes: size: at most sparse_stretch
inline void add_sketches(const Cpu& cpu, const Kernels& kernels, const Layout& layout,
                         const ModelWriter& model, std::span<const Factors> sketches,
                         std::uint64_t size,
                         FunctionRef<void(const Factors&, const Stretch&, float*)> add_sketch) {
    for_each_stretch(cpu, layout, model, size, [&](const Stretch& stretch) {
        alignas(cache_line) std::array<float, sparse_stretch + lanes> update;
        std::fill_n(update.begin(), size + lanes, 0.0f);
        for (const Factors& sketch : sketches) add_sketch(sketch, stretch, update.data());
        model.add(kernels.memory, stretch.element, stretch.count, update.data());
    });
}

/// Calls add(i, factors, count) for runs of a SparseSign block's elements begin + i whose factors lie
/// side by side.
/// Shapes: factors: one for each of the block's bases
inline void for_each_run(const SparseSign::Block& signs, std::span<const float> factors,
                         std::uint64_t begin, std::size_t count,
                         FunctionRef<void(std::size_t, const float*, std::size_t)> add) {
    const std::size_t bases = factors.size();
    // Factors of few bases are laid out over and over, so that runs of elements are long.
    std::array<float, 2048> repeated;
    const float* run_factors = factors.data();
    std::size_t run_length = bases;
    if (bases <= repeated.size() / 2) {
        run_length = repeated.size() / bases * bases;
        std::copy(factors.begin(), factors.end(), repeated.begin());
        for (std::size_t filled = bases; filled < run_length; filled *= 2)
            std::copy_n(repeated.begin(), (std::min)(filled, run_length - filled),
                        repeated.begin() + static_cast<std::ptrdiff_t>(filled));
        run_factors = repeated.data();
    }
    const std::uint64_t chunk_size = signs.chunk_size();
    for (std::size_t done = 0; done < count;) {
        const std::uint64_t chunk = (begin + done) / chunk_size;
        const std::uint64_t chunk_left = chunk_size - (begin + done) % chunk_size;
        const auto chunk_end =
            done + static_cast<std::size_t>((std::min<std::uint64_t>)(count - done, chunk_left));
        auto k =
            static_cast<std::size_t>((chunk_size - chunk_left + signs.rotation(chunk)) % bases);
        for (; done < chunk_end; k = 0) {
            const std::size_t run = (std::min)(chunk_end - done, run_length - k);
            add(done, run_factors + k, run);
            done += run;
        }
    }
}

/// Adds sketches of dense bases.
inline void add_dense(const Cpu& cpu, const Kernels& kernels, const Layout& layout,
                      const Basis& basis, std::span<const Factors> sketches,
                      std::uint32_t first_basis, const ModelWriter& model) {
    const DenseBases bases(kernels, layout, basis);
    add_sketches(cpu, kernels, layout, model, sketches, tile_size,
                 [&](const Factors& sketch, const Stretch& stretch, float* update) {
                     const std::span<const float> factors = sketch.of_block(stretch.block);
                     bases.add(
                         {sketch.key(), static_cast<std::uint32_t>(stretch.block), first_basis},
                         stretch.begin, static_cast<std::uint32_t>(factors.size()), stretch.count,
                         factors.data(), update);
                 });
}

/// The signs of one stretch of a SparseSign block, and the factors to multiply them by.
class SignedFactors {
public:
    SignedFactors(const Factors& sketch, const Stretch& stretch)
        : begin_(stretch.begin),
          factors_(sketch.of_block(stretch.block)),
          signs_(sketch.key(), static_cast<std::uint32_t>(stretch.block),
                 static_cast<std::uint32_t>(factors_.size())),
          words_(signs_, stretch.begin + stretch.count) {}

    /// sums[i] += sign times factor of element `at + i` of the stretch
    void add_to_sums(const SparseKernels& kernels, std::size_t at, std::size_t count, float* sums) {
        SparseKernels::AddToSums* add = of_dtype(kernels.add_values, DType::float32);
        for_each_run(
            signs_, factors_, begin_ + at, count,
            [&](std::size_t i, const float* run, std::size_t length) {
                add(words_, begin_ + at + i, {run, nullptr, DType::float32}, length, sums + i, 0);
            });
    }

    /// The same for a part of the model that lies there.
    void add_to_stored(const Kernels& kernels, std::size_t at, const MutableTensorView& to) {
        SparseKernels::AddToStored* add = of_dtype(kernels.sparse.add_to_stored, to.dtype);
        if (add == nullptr) {
            std::array<float, sparse_stretch + lanes> update{};
            add_to_sums(kernels.sparse, at, to.size, update.data());
            return of_dtype(kernels.memory.add, to.dtype)(to.data, update.data(), to.size);
        }
        for_each_run(signs_, factors_, begin_ + at, to.size,
                     [&](std::size_t i, const float* run, std::size_t length) {
                         add(words_, begin_ + at + i, run, length,
                             static_cast<std::byte*>(to.data) + i * size_of(to.dtype),
                             prefetch_distance);
                     });
    }

private:
    std::uint64_t begin_;
    std::span<const float> factors_;
    SparseSign::Block signs_;
    SignWords words_;
};

/// Adds sketches of SparseSign; one alone straight to the model, so that the memory works while signs are
/// made.
inline void add_sparse(const Cpu& cpu, const Kernels& kernels, const Layout& layout,
                       std::span<const Factors> sketches, const ModelWriter& model) {
    if (sketches.size() == 1)
        return for_each_stretch(cpu, layout, model, sparse_stretch, [&](const Stretch& stretch) {
            SignedFactors factors(sketches[0], stretch);
            model.for_each(stretch.element, stretch.count,
                           [&](const MutableTensorView& to, std::size_t at) {
                               factors.add_to_stored(kernels, at, to);
                           });
        });
    add_sketches(
        cpu, kernels, layout, model, sketches, sparse_stretch,
        [&](const Factors& sketch, const Stretch& stretch, float* update) {
            SignedFactors(sketch, stretch).add_to_sums(kernels.sparse, 0, stretch.count, update);
        });
}

/// model += scale * sum over sketches of V gamma, V being the bases from first_basis on.
/// Math:   per element, from zero: sketch after sketch, basis after basis, one fused multiply-add
///         of coefficient and raw value in float; the sum is added to the model's element
/// Throws: NonFinite, before anything is written
/// Repro:  bit-identical for any instruction set, number of threads and tensor cut
inline void reconstruct(const Cpu& cpu, const Layout& layout, const Basis& basis,
                        std::span<const Sketch> sketches, std::uint32_t first_basis, float scale,
                        const ModelWriter& model) {
    const Kernels& kernels = kernels_of(cpu.instruction_set);
    const std::vector<double> amplitudes = amplitudes_of(layout, basis);
    std::vector<Factors> factors;
    for (const Sketch& sketch : sketches) factors.emplace_back(sketch, scale, amplitudes);
    if (is_sparse(basis))
        add_sparse(cpu, kernels, layout, factors, model);
    else
        add_dense(cpu, kernels, layout, basis, factors, first_basis, model);
}

}  // namespace ferret::cpu
