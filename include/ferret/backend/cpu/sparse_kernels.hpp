#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../block/tiling.hpp"
#include "dense_kernels.hpp"

namespace ferret::cpu {

/// The inner loops of SparseSign: contiguous runs with sign bits, no scatter.
class SparseKernels {
public:
    SparseKernels(const PhiloxKey& key, std::uint32_t block, std::uint32_t bases)
        : key_(key), block_(block), signs_(key, block, bases) {}

    const SparseSign::Block& block() const { return signs_; }

    /// Flips the sign of values[i] where element begin + i has sign -1.
    /// Shapes: at most tile_size values, of one tile
    void apply_signs(std::uint64_t begin, std::size_t count, float* values) const {
        std::array<std::uint32_t, group_size> masks;
        for (std::size_t at = 0; at < count;) {
            const std::uint64_t element = begin + at;
            const auto within = static_cast<std::size_t>(element % group_size);
            const std::size_t length = std::min(group_size - within, count - at);
            sign_masks(element / group_size, masks);
            for (std::size_t i = 0; i < length; ++i)
                values[at + i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[at + i]) ^
                                                      masks[within + i]);
            at += length;
        }
    }

    /// Calls visit(i, k, n) for every run of elements begin + i .. begin + i + n - 1 that belong to
    /// bases k .. k + n - 1.
    template <class Visit>
    void for_each_run(std::uint64_t begin, std::size_t count, const Visit& visit) const {
        const std::uint64_t chunk_size = signs_.chunk_size();
        for (std::size_t at = 0; at < count;) {
            const std::uint64_t chunk = (begin + at) / chunk_size;
            const std::uint64_t within = (begin + at) % chunk_size;
            const std::uint64_t chunk_left =
                std::min<std::uint64_t>(chunk_size - within, count - at);
            std::uint64_t k = (within + signs_.rotation(chunk)) % signs_.bases();
            for (std::uint64_t left = chunk_left; left > 0;) {
                const std::uint64_t run = std::min(left, signs_.bases() - k);
                visit(at, static_cast<std::size_t>(k), static_cast<std::size_t>(run));
                at += static_cast<std::size_t>(run);
                left -= run;
                k = 0;
            }
        }
    }

private:
    static constexpr std::size_t group_size = elements_per_group(SparseSign::parts_per_word);

    /// The sign bits, in place, of the elements of one group of Philox calls.
    void sign_masks(std::uint64_t group, std::array<std::uint32_t, group_size>& masks) const {
        GroupWords words;
        philox_group(basis_counter(group * counters_per_group, 0, block_), key_, words);
        for (std::size_t part = 0; part < SparseSign::parts_per_word; ++part) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                masks[part * lanes + lane] = (words[lane] << part) & 0x80000000u;
                masks[group_size / 2 + part * lanes + lane] =
                    (words[lanes + lane] << part) & 0x80000000u;
            }
        }
    }

    PhiloxKey key_;
    std::uint32_t block_;
    SparseSign::Block signs_;
};

}  // namespace ferret::cpu
