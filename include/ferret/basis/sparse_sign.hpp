#pragma once

#include <cstdint>
#include <string_view>

#include "../host_device.hpp"
#include "../rng/seed.hpp"
#include "../rng/word_order.hpp"
#include "basis_id.hpp"

namespace ferret {

/// Every element of a block belongs to exactly one of its K bases, with a random sign: projection
/// and reconstruction cost O(d) for any K.
///
/// Math:   a block is cut into chunks of K * max(1, floor(4096 / K)) elements; each chunk draws a
///         rotation r uniformly from 0 .. K-1, and element j of the chunk belongs to basis
///         (j + r) mod K. V^T V is diagonal, rho = E[v^2] = 1/K, E[V gamma] = delta, and
///         E||V gamma - delta||^2 = (d/K - 1) ||delta||^2 where chunks fill the block.
/// Source: the count sketch of Charikar, Chen and Farach-Colton (2002), with blocked buckets
struct SparseSign {
    static constexpr BasisId id{5};
    static constexpr std::string_view name = "sparse-sign";
    static constexpr unsigned parts_per_word = 32;  ///< of the words that signs are drawn from

    /// Elements that share one rotation: a multiple of K.
    FERRET_HOST_DEVICE static constexpr std::uint64_t chunk_size(std::uint64_t bases) {
        constexpr std::uint64_t full_chunk = 4096;
        return bases >= full_chunk ? bases : bases * (full_chunk / bases);
    }

    /// The elements of one block, spread over K bases.
    class Block {
    public:
        FERRET_HOST_DEVICE Block(const PhiloxKey& key, std::uint32_t block, std::uint32_t bases)
            : key_(key), block_(block), bases_(bases) {}

        const PhiloxKey& key() const { return key_; }
        std::uint32_t block() const { return block_; }
        FERRET_HOST_DEVICE std::uint64_t bases() const { return bases_; }

        FERRET_HOST_DEVICE std::uint64_t chunk_size() const {
            return SparseSign::chunk_size(bases_);
        }

        /// The basis to which the first element of the chunk belongs.
        /// Math:   floor(w K / 2^64), w the first two words of Philox call `chunk` of basis 1
        FERRET_HOST_DEVICE std::uint64_t rotation(std::uint64_t chunk) const {
            const PhiloxWords words = philox(basis_counter(chunk, 1, block_), key_);
            return ((words[1] * bases_) + ((words[0] * bases_) >> 32)) >> 32;
        }

        /// The basis to which an element belongs.
        std::uint64_t basis_of(std::uint64_t element) const {
            const std::uint64_t chunk = element / chunk_size();
            return (element % chunk_size() + rotation(chunk)) % bases_;
        }

        /// The sign of an element: the sign bit of Rademacher's order, from Philox basis 0.
        float sign_of(std::uint64_t element) const {
            const WordPosition position = word_position(element, parts_per_word);
            const PhiloxWords words = philox(basis_counter(position.counter, 0, block_), key_);
            return (words[position.word] << position.part) & 0x80000000u ? -1.0f : 1.0f;
        }

    private:
        PhiloxKey key_;
        std::uint32_t block_;
        std::uint64_t bases_;
    };
};

}  // namespace ferret
