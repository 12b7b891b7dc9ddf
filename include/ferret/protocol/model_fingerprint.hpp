#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "../backend/cpu/cpu.hpp"
#include "../backend/placement.hpp"
#include "../block/layout.hpp"
#include "../block/shard.hpp"
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

inline const std::array<std::uint64_t, fingerprint_tile>& fingerprint_keys() {
    static const auto keys = [] {
        std::array<std::uint64_t, fingerprint_tile> numbers;
        for (std::size_t j = 0; j < numbers.size(); ++j) numbers[j] = odd_number(j, 2);
        return numbers;
    }();
    return keys;
}

/// An element's bits as an integer.
template <class T>
FERRET_HOST_DEVICE std::uint64_t bits_of(const T& element) {
    using Bits =
        std::conditional_t<sizeof(T) == 8, std::uint64_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint16_t>>;
    static_assert(sizeof(T) == sizeof(Bits));
    Bits bits;
    std::memcpy(&bits, &element, sizeof bits);
    return bits;
}

/// The sum over elements of bits times key.
template <class T>
std::uint64_t sum_of_products(const T* elements, const std::uint64_t* keys, std::size_t count) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += bits_of(elements[i]) * keys[i];
    return sum;
}

}  // namespace detail

/// The fingerprint of the part of a model that this process holds. Fingerprints of shards that
/// make up the model add up, modulo 2^64, to that of the model.
template <TensorList<MemorySpace::host> Tensors>
std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard, const Tensors& tensors,
                                const Cpu& cpu = {}) {
    constexpr std::size_t chunk = 64 * detail::fingerprint_tile;
    const std::vector<TensorView> views = views_of(tensors);
    const Placement placement(layout, shard, std::span<const TensorView>(views));
    const auto& keys = detail::fingerprint_keys();
    std::atomic<std::uint64_t> total{0};
    const auto chunks = static_cast<std::size_t>((layout.element_count() + chunk - 1) / chunk);
    parallel_for(cpu, chunks, [&](std::size_t index) {
        std::uint64_t sum = 0;
        const std::uint64_t begin = std::uint64_t{index} * chunk;
        const std::uint64_t count =
            (std::min<std::uint64_t>)(chunk, layout.element_count() - begin);
        placement.for_each(
            begin, count,
            [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                visit_dtype(views[tensor].dtype, [&]<class T>(T*) {
                    const T* elements = static_cast<const T*>(views[tensor].data) + first;
                    for (std::size_t done = 0; done < length;) {
                        const std::uint64_t element = begin + at + done;
                        const auto j = static_cast<std::size_t>(element % detail::fingerprint_tile);
                        const std::size_t left =
                            (std::min)(detail::fingerprint_tile - j, length - done);
                        sum += detail::odd_number(element / detail::fingerprint_tile, 3) *
                               detail::sum_of_products(elements + done, keys.data() + j, left);
                        done += left;
                    }
                });
            });
        total.fetch_add(sum, std::memory_order_relaxed);
    });
    return total;
}

/// What two machines compare to know whether their models are the same, bit for bit.
/// Math:   sum over elements i of bits(i) key(i mod 1024) factor(floor(i / 1024)) modulo 2^64,
///         key and factor odd numbers from Philox (docs/reproducibility.md, section 8). One changed
///         element always shows; other changes go by unseen with a probability of at most 2^-32.
/// Cost:   one pass over the model, a multiplication an element
/// Throws: LayoutMismatch if the tensors do not fit the layout
/// Repro:  the same for every number of threads and tensor cut
template <TensorList<MemorySpace::host> Model>
std::uint64_t model_fingerprint(const Layout& layout, const Model& model, const Cpu& cpu = {}) {
    return shard_fingerprint(layout, Shard::all(layout), model, cpu);
}

}  // namespace ferret
