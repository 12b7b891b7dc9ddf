#pragma once

#include <algorithm>
#include <utility>

#include "../crc64.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../little_endian.hpp"
#include "layout.hpp"

namespace ferret {

FERRET_API Layout Layout::per_tensor(std::vector<std::size_t> tensor_sizes) {
    check_sizes(tensor_sizes);
    std::vector<std::size_t> block_sizes = tensor_sizes;
    return {std::move(tensor_sizes), block_sizes};
}

FERRET_API Layout Layout::uniform(std::vector<std::size_t> tensor_sizes, std::size_t block_size) {
    if (block_size == 0) throw InvalidLayout("layout: expected a block size over 0, got 0");
    const std::uint64_t left = check_sizes(tensor_sizes);
    if (left / block_size >= max_blocks)
        throw InvalidLayout(
            error_text({"layout: expected fewer than 2^32 blocks, got ", left / block_size}));
    std::vector<std::size_t> block_sizes(left / block_size, block_size);
    if (left % block_size != 0) block_sizes.push_back(left % block_size);
    return {std::move(tensor_sizes), block_sizes};
}

FERRET_API Layout Layout::grouped(std::vector<std::size_t> tensor_sizes) {
    check_sizes(tensor_sizes);
    std::vector<std::size_t> sorted = tensor_sizes;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t count = sorted.size();
    const std::uint64_t twice_median = std::uint64_t{sorted[(count - 1) / 2]} + sorted[count / 2];

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

FERRET_API Layout Layout::with_names(std::vector<std::string> names) const {
    if (names.size() != tensor_count())
        throw LayoutMismatch(
            error_text({"layout: expected ", tensor_count(), " tensor names, got ", names.size()}));
    Layout named = *this;
    named.names_ = std::move(names);
    return named;
}

FERRET_API std::string Layout::tensor_label(std::size_t tensor) const {
    const std::string number = "tensor " + std::to_string(tensor);
    return names_.empty() ? number : number + " (" + names_[tensor] + ")";
}

FERRET_API std::uint64_t Layout::check_sizes(const std::vector<std::size_t>& tensor_sizes) {
    if (tensor_sizes.empty()) throw InvalidLayout("layout: expected tensors, got none");
    std::uint64_t total = 0;
    for (std::size_t tensor = 0; tensor < tensor_sizes.size(); ++tensor) {
        if (tensor_sizes[tensor] == 0)
            throw InvalidLayout(error_text(
                {"layout: expected tensors with elements, got an empty tensor ", tensor}));
        if (tensor_sizes[tensor] > max_elements - total)
            throw InvalidLayout(
                error_text({"layout: expected at most 2^40 elements, got more with tensor ", tensor,
                            " of ", tensor_sizes[tensor]}));
        total += tensor_sizes[tensor];
    }
    return total;
}

FERRET_API Layout::Layout(std::vector<std::size_t> tensor_sizes,
                          const std::vector<std::size_t>& block_sizes) {
    for (const std::size_t size : tensor_sizes)
        tensor_offsets_.push_back(tensor_offsets_.back() + size);
    std::vector<std::byte> bytes;
    for (const std::size_t size : block_sizes) {
        block_offsets_.push_back(block_offsets_.back() + size);
        append_little_endian(bytes, std::uint64_t{size});
    }
    fingerprint_ = crc64(bytes);
}

}  // namespace ferret
