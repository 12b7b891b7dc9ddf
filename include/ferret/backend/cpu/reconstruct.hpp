#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../error.hpp"
#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "cpu.hpp"
#include "loops.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Elements of a SparseSign block that are rebuilt at a time: longer than a tile, which is little
/// work, and every stretch has a start.
inline constexpr std::size_t sparse_stretch = 4 * tile_size;

/// Calls add(block, begin, count, first element in the model) for every stretch of `stretch`
/// elements of a block of which the model has any, in parallel.
template <class Add>
void for_each_stretch(const Cpu& cpu, const Layout& layout, const ModelWriter& model,
                      std::uint64_t stretch, const Add& add) {
    std::vector<std::uint64_t> first_stretch{0};
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        first_stretch.push_back(first_stretch.back() +
                                (layout.block_size(block) + stretch - 1) / stretch);

    parallel_for(cpu, static_cast<std::size_t>(first_stretch.back()), [&](std::size_t i) {
        const auto after = std::upper_bound(first_stretch.begin(), first_stretch.end(), i);
        const auto block = static_cast<std::size_t>(after - first_stretch.begin()) - 1;
        const std::uint64_t begin = (i - first_stretch[block]) * stretch;
        const auto count = static_cast<std::size_t>(
            (std::min<std::uint64_t>)(stretch, layout.block_size(block) - begin));
        const std::uint64_t element = layout.block_offset(block) + begin;
        if (model.covers(element, count)) add(block, begin, count, element);
    });
}

/// Adds `add_sketch(sketch, block, begin, count, update)` of every sketch to every stretch of
/// `Stretch` elements of a block of the model, which is read and written once.
template <class Loops, std::size_t Stretch, class AddSketch>
void add_sketches(const Cpu& cpu, const Layout& layout, const ModelWriter& model,
                  std::size_t sketch_count, const AddSketch& add_sketch) {
    for_each_stretch(
        cpu, layout, model, Stretch,
        [&](std::size_t block, std::uint64_t begin, std::size_t count, std::uint64_t element) {
            alignas(cache_line) std::array<float, Stretch + lanes> update{};
            for (std::size_t sketch = 0; sketch < sketch_count; ++sketch)
                add_sketch(sketch, block, begin, count, update.data());
            model.add<Loops>(element, count, update.data());
        });
}

/// to.add(i, sign * factors[basis]) for a block's elements begin + i.
/// Shapes: factors: one for each of the block's bases
///         ahead: as Loops::add_signed has it
template <class Loops, class Target>
void add_sparse(const PhiloxKey& key, std::uint32_t block, std::span<const float> factors,
                std::uint64_t begin, std::size_t count, const Target& to, std::int64_t ahead) {
    const std::size_t bases = factors.size();
    const SparseSign::Block signs(key, block, static_cast<std::uint32_t>(bases));
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
            Loops::add_signed(SignSource{key, block}, begin + done, Values<float>{run_factors + k},
                              run, to.from(done), ahead);
            done += run;
        }
    }
}

/// model += scale * sum over sketches of V gamma, V being the bases from first_basis on.
/// Math:   per element, from zero: sketch after sketch, basis after basis, one fused multiply-add
///         of coefficient and raw value in float; the sum is added to the model's element
/// Throws: NonFinite, before anything is written
/// Repro:  bit-identical for any instruction set, number of threads and tensor cut
inline void reconstruct(const Cpu& cpu, const Layout& layout, const Basis& basis,
                        std::span<const Sketch> sketches, std::uint32_t first_basis, float scale,
                        const ModelWriter& model) {
    std::vector<PhiloxKey> keys;
    std::vector<std::vector<std::size_t>> offsets;  // of each block's coordinates in a sketch
    for (const Sketch& sketch : sketches) {
        keys.push_back(basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis)));
        offsets.push_back({0});
        for (const std::uint32_t bases : sketch.bases_per_block)
            offsets.back().push_back(offsets.back().back() + bases);
    }
    std::vector<std::vector<float>> coefficients;
    const auto factors_of = [&](std::size_t sketch, std::size_t block) {
        return std::span<const float>(coefficients[sketch])
            .subspan(offsets[sketch][block], sketches[sketch].bases_per_block[block]);
    };

    const auto add_all = [&]<class Loops, class B>() {
        const std::vector<double> amplitudes = amplitudes_of<B>(layout);
        for (const Sketch& sketch : sketches)
            coefficients.push_back(coefficients_of(sketch, scale, amplitudes));
        if constexpr (DenseBasis<B>) {
            const std::vector<typename B::Block> laws = laws_of<B>(layout);
            add_sketches<Loops, tile_size>(
                cpu, layout, model, sketches.size(),
                [&](std::size_t s, std::size_t block, std::uint64_t begin, std::size_t count,
                    float* update) {
                    const std::span<const float> factors = factors_of(s, block);
                    Loops::template Dense<B>::add(
                        laws[block],
                        {keys[s], static_cast<std::uint32_t>(block), first_basis, begin},
                        static_cast<std::uint32_t>(factors.size()), count, factors.data(), update);
                });
        } else if (sketches.size() == 1) {
            // Straight to the model, so that the memory works while signs are made.
            for_each_stretch(
                cpu, layout, model, sparse_stretch,
                [&](std::size_t block, std::uint64_t begin, std::size_t count,
                    std::uint64_t element) {
                    model.for_each(element, count,
                                   [&](const auto& to, std::size_t at, std::size_t length) {
                                       add_sparse<Loops>(keys[0], static_cast<std::uint32_t>(block),
                                                         factors_of(0, block), begin + at, length,
                                                         to, prefetch_distance);
                                   });
                });
        } else {
            add_sketches<Loops, sparse_stretch>(
                cpu, layout, model, sketches.size(),
                [&](std::size_t s, std::size_t block, std::uint64_t begin, std::size_t count,
                    float* update) {
                    add_sparse<Loops>(keys[s], static_cast<std::uint32_t>(block),
                                      factors_of(s, block), begin, count, Sums{update}, 0);
                });
        }
    };
    with_loops(cpu.instruction_set, [&]<class Loops>(Loops) {
        std::visit([&]<class B>(const B&) { add_all.template operator()<Loops, B>(); }, basis);
    });
}

}  // namespace ferret::cpu
