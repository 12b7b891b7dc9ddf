#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "../backend/cpu/cpu.hpp"
#include "../block/layout.hpp"
#include "../block/shard.hpp"
#include "../compiled.hpp"
#include "../host_device.hpp"
#include "../rng/philox.hpp"
#include "../tensor/tensor.hpp"

namespace ferret {

namespace detail {

inline constexpr std::size_t fingerprint_tile = 1024;

/// Odd, so that no power of two under 2^64 times one is zero: one flipped bit always shows.
FERRET_HOST_DEVICE inline std::uint64_t odd_number(std::uint64_t index, std::uint32_t stream) {
    const PhiloxWords words = philox({low_word(index), high_word(index), 0, stream}, {0, 0});
    return join_words(words[0], words[1]) | 1u;
}

/// The keys of a tile.
const std::array<std::uint64_t, fingerprint_tile>& fingerprint_keys();

std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard,
                                std::span<const TensorView> tensors, const Cpu& cpu);

}  // namespace detail

/// The fingerprint of the part of a model that this process holds. Fingerprints of shards that
/// make up the model add up, modulo 2^64, to that of the model.
template <TensorList<MemorySpace::host> Tensors>
std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard, const Tensors& tensors,
                                const Cpu& backend = {}) {
    return detail::shard_fingerprint(layout, shard, views_of(tensors), backend);
}

/// What two machines compare to know whether their models are the same, bit for bit.
/// Math:   sum over elements i of bits(i) key(i mod 1024) factor(floor(i / 1024)) modulo 2^64,
///         key and factor odd numbers from Philox (docs/reproducibility.md, section 8). One changed
///         element always shows; other changes go by unseen with a probability of at most 2^-32.
/// Cost:   one pass over the model, at the speed of memory
/// Throws: LayoutMismatch if the tensors do not fit the layout
/// Repro:  the same for every instruction set, number of threads and tensor cut
template <TensorList<MemorySpace::host> Model>
std::uint64_t model_fingerprint(const Layout& layout, const Model& model, const Cpu& cpu = {}) {
    return shard_fingerprint(layout, Shard::all(layout), model, cpu);
}

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "model_fingerprint.inl"
#endif
