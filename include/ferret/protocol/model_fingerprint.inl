#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "../backend/cpu/loops.hpp"
#include "../backend/placement.hpp"
#include "model_fingerprint.hpp"

namespace ferret::detail {

static_assert(fingerprint_tile == cpu::LaneKeys<1>::size);

FERRET_API const std::array<std::uint64_t, fingerprint_tile>& fingerprint_keys() {
    static const auto keys = [] {
        std::array<std::uint64_t, fingerprint_tile> numbers;
        for (std::size_t j = 0; j < numbers.size(); ++j) numbers[j] = odd_number(j, 2);
        return numbers;
    }();
    return keys;
}

/// The same in the order of vectors.
template <std::size_t parts>
const cpu::LaneKeys<parts>& fingerprint_lane_keys() {
    static const cpu::LaneKeys<parts> keys(fingerprint_keys());
    return keys;
}

/// What `length` elements of a tensor from `first` on add, the model's from `element` on.
FERRET_API std::uint64_t tensor_fingerprint(const cpu::FingerprintKernels& kernels,
                                            const TensorView& tensor, std::size_t first,
                                            std::uint64_t element, std::size_t length) {
    const void* keys = visit_dtype(tensor.dtype, []<class T>(T*) -> const void* {
        return &fingerprint_lane_keys<cpu::elements_per_lane<T>>();
    });
    const auto* elements =
        static_cast<const std::byte*>(tensor.data) + first * size_of(tensor.dtype);
    std::uint64_t sum = 0;
    for (std::size_t done = 0; done < length;) {
        const auto j = static_cast<std::size_t>((element + done) % fingerprint_tile);
        const std::size_t left = (std::min)(fingerprint_tile - j, length - done);
        sum += odd_number((element + done) / fingerprint_tile, 3) *
               cpu::of_dtype(kernels.sum_of_products, tensor.dtype)(
                   elements + done * size_of(tensor.dtype), keys, j, left);
        done += left;
    }
    return sum;
}

FERRET_API std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard,
                                           std::span<const TensorView> tensors,
                                           const Cpu& backend) {
    constexpr std::size_t chunk = 64 * fingerprint_tile;
    const Placement placement(layout, shard, tensors);
    std::atomic<std::uint64_t> total{0};
    const auto chunks = static_cast<std::size_t>((layout.element_count() + chunk - 1) / chunk);
    const cpu::FingerprintKernels& kernels = cpu::fingerprint_kernels_of(backend.instruction_set);
    parallel_for(backend, chunks, [&](std::size_t index) {
        std::uint64_t sum = 0;
        const std::uint64_t begin = std::uint64_t{index} * chunk;
        const std::uint64_t count =
            (std::min<std::uint64_t>)(chunk, layout.element_count() - begin);
        placement.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                sum += tensor_fingerprint(kernels, tensors[tensor], first, begin + at, length);
            });
        total.fetch_add(sum, std::memory_order_relaxed);
    });
    return total;
}

}  // namespace ferret::detail
