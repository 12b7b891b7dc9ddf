#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../compiled.hpp"
#include "../error.hpp"

namespace ferret {

/// How a model's tensors, laid end to end, are cut into blocks that each have bases of their own.
/// Blocks may end anywhere; tensors are never copied or moved.
class Layout {
public:
    /// One block a tensor.
    /// Throws: InvalidLayout if there is no tensor, or an empty one
    static Layout per_tensor(std::vector<std::size_t> tensor_sizes);

    /// Blocks of block_size elements regardless of tensors; the last one takes what is left.
    /// Throws: InvalidLayout, also for a block_size of zero
    static Layout uniform(std::vector<std::size_t> tensor_sizes, std::size_t block_size);

    /// Consecutive tensors share a block as long as it stays under 0.9 times the median tensor
    /// size; a tensor that would take it there begins the next block.
    /// Throws: InvalidLayout
    /// Source: the public Ferret code; gives its 194 blocks at 1.3B and 210 at 3B parameters
    static Layout grouped(std::vector<std::size_t> tensor_sizes);

    /// The same layout with the tensors' names, which error messages then give.
    /// Throws: LayoutMismatch if there is not one name a tensor
    Layout with_names(std::vector<std::string> names) const;

    /// d: elements of all tensors together.
    std::uint64_t element_count() const { return block_offsets_.back(); }

    std::size_t tensor_count() const { return tensor_offsets_.size() - 1; }
    std::uint64_t tensor_offset(std::size_t tensor) const { return tensor_offsets_[tensor]; }
    std::uint64_t tensor_size(std::size_t tensor) const {
        return tensor_offsets_[tensor + 1] - tensor_offsets_[tensor];
    }
    /// The tensors' names; empty where with_names gave none.
    const std::vector<std::string>& tensor_names() const { return names_; }
    /// "tensor 3 (lm_head.weight)", for messages.
    std::string tensor_label(std::size_t tensor) const;

    /// L: number of blocks.
    std::size_t block_count() const { return block_offsets_.size() - 1; }
    std::uint64_t block_offset(std::size_t block) const { return block_offsets_[block]; }
    /// d_l: elements of one block.
    std::uint64_t block_size(std::size_t block) const {
        return block_offsets_[block + 1] - block_offsets_[block];
    }

    /// What sketches and messages carry to tell whether they belong to this layout.
    /// Math:   CRC-64/XZ of the block sizes as 64-bit little-endian integers. How the blocks'
    ///         elements are cut into tensors is not part of it, nor of any result.
    std::uint64_t fingerprint() const { return fingerprint_; }

private:
    /// Throws: InvalidLayout, before anything is allocated. Returns: the sum
    static std::uint64_t check_sizes(const std::vector<std::size_t>& tensor_sizes);

    Layout(std::vector<std::size_t> tensor_sizes, const std::vector<std::size_t>& block_sizes);

    static constexpr std::uint64_t max_elements = std::uint64_t{1} << 40;
    static constexpr std::uint64_t max_blocks = std::uint64_t{1} << 32;  // as in Philox counters

    std::vector<std::uint64_t> tensor_offsets_{0};
    std::vector<std::uint64_t> block_offsets_{0};
    std::vector<std::string> names_;
    std::uint64_t fingerprint_ = 0;
};

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "layout.inl"
#endif
