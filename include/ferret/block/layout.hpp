#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../crc64.hpp"
#include "../error.hpp"
#include "../little_endian.hpp"

namespace ferret {

/// How a model's tensors, laid end to end, are cut into blocks that each have bases of their own.
/// Blocks may end anywhere; tensors are never copied or moved.
class Layout {
public:
    /// One block a tensor.
    /// Throws: InvalidLayout if there is no tensor, or an empty one
    static Layout per_tensor(std::vector<std::size_t> tensor_sizes) {
        check_sizes(tensor_sizes);
        std::vector<std::size_t> block_sizes = tensor_sizes;
        return {std::move(tensor_sizes), block_sizes};
    }

    /// Blocks of block_size elements regardless of tensors; the last one takes what is left.
    /// Throws: InvalidLayout, also for a block_size of zero
    static Layout uniform(std::vector<std::size_t> tensor_sizes, std::size_t block_size) {
        if (block_size == 0) throw InvalidLayout("layout: expected a block size over 0, got 0");
        const std::uint64_t left = check_sizes(tensor_sizes);
        if (left / block_size >= max_blocks)
            throw InvalidLayout("layout: expected fewer than 2^32 blocks, got " +
                                std::to_string(left / block_size));
        std::vector<std::size_t> block_sizes(left / block_size, block_size);
        if (left % block_size != 0) block_sizes.push_back(left % block_size);
        return {std::move(tensor_sizes), block_sizes};
    }

    /// Consecutive tensors share a block as long as it stays under 0.9 times the median tensor
    /// size; a tensor that would take it there begins the next block.
    /// Throws: InvalidLayout
    /// Source: the public Ferret code; gives its 194 blocks at 1.3B and 210 at 3B parameters
    static Layout grouped(std::vector<std::size_t> tensor_sizes) {
        check_sizes(tensor_sizes);
        std::vector<std::size_t> sorted = tensor_sizes;
        std::sort(sorted.begin(), sorted.end());
        const std::size_t count = sorted.size();
        const std::uint64_t twice_median =
            std::uint64_t{sorted[(count - 1) / 2]} + sorted[count / 2];

        std::vector<std::size_t> block_sizes;
        for (const std::size_t size : tensor_sizes) {
            const std::uint64_t joined =
                block_sizes.empty() ? 0 : std::uint64_t{block_sizes.back()} + size;
            if (!block_sizes.empty() && 20 * joined < 9 * twice_median)
                block_sizes.back() += size;
            else
                block_sizes.push_back(size);
        }
        return {std::move(tensor_sizes), block_sizes};
    }

    /// The same layout with the tensors' names, which error messages then give.
    /// Throws: LayoutMismatch if there is not one name a tensor
    Layout with_names(std::vector<std::string> names) const {
        if (names.size() != tensor_count())
            throw LayoutMismatch("layout: expected " + std::to_string(tensor_count()) +
                                 " tensor names, got " + std::to_string(names.size()));
        Layout named = *this;
        named.names_ = std::move(names);
        return named;
    }

    /// d: elements of all tensors together.
    std::uint64_t element_count() const { return block_offsets_.back(); }

    std::size_t tensor_count() const { return tensor_offsets_.size() - 1; }
    std::uint64_t tensor_offset(std::size_t tensor) const { return tensor_offsets_[tensor]; }
    std::uint64_t tensor_size(std::size_t tensor) const {
        return tensor_offsets_[tensor + 1] - tensor_offsets_[tensor];
    }
    /// "tensor 3 (lm_head.weight)", for messages.
    std::string tensor_label(std::size_t tensor) const {
        const std::string number = "tensor " + std::to_string(tensor);
        return names_.empty() ? number : number + " (" + names_[tensor] + ")";
    }

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
    static std::uint64_t check_sizes(const std::vector<std::size_t>& tensor_sizes) {
        if (tensor_sizes.empty()) throw InvalidLayout("layout: expected tensors, got none");
        std::uint64_t total = 0;
        for (std::size_t tensor = 0; tensor < tensor_sizes.size(); ++tensor) {
            if (tensor_sizes[tensor] == 0)
                throw InvalidLayout("layout: expected tensors with elements, got an empty tensor " +
                                    std::to_string(tensor));
            if (tensor_sizes[tensor] > max_elements - total)
                throw InvalidLayout(
                    "layout: expected at most 2^40 elements, got more with tensor " +
                    std::to_string(tensor) + " of " + std::to_string(tensor_sizes[tensor]));
            total += tensor_sizes[tensor];
        }
        return total;
    }

    Layout(std::vector<std::size_t> tensor_sizes, const std::vector<std::size_t>& block_sizes) {
        for (const std::size_t size : tensor_sizes)
            tensor_offsets_.push_back(tensor_offsets_.back() + size);
        std::vector<std::byte> bytes;
        for (const std::size_t size : block_sizes) {
            block_offsets_.push_back(block_offsets_.back() + size);
            append_little_endian(bytes, std::uint64_t{size});
        }
        fingerprint_ = crc64(bytes);
    }

    static constexpr std::uint64_t max_elements = std::uint64_t{1} << 40;
    static constexpr std::uint64_t max_blocks = std::uint64_t{1} << 32;  // as in Philox counters

    std::vector<std::uint64_t> tensor_offsets_{0};
    std::vector<std::uint64_t> block_offsets_{0};
    std::vector<std::string> names_;
    std::uint64_t fingerprint_ = 0;
};

}  // namespace ferret
