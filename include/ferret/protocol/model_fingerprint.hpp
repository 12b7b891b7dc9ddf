#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../backend/cpu/cpu.hpp"
#include "../backend/cpu/loops.hpp"
#include "../backend/placement.hpp"
#include "../block/layout.hpp"
#include "../block/shard.hpp"
#include "../host_device.hpp"
#include "../rng/philox.hpp"
#include "../tensor/tensor.hpp"

namespace ferret {

namespace detail {

inline constexpr std::size_t fingerprint_tile = cpu::LaneKeys<1>::size;

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

/// The same in the order of vectors.
template <std::size_t parts>
const cpu::LaneKeys<parts>& fingerprint_lane_keys() {
    static const cpu::LaneKeys<parts> keys(fingerprint_keys());
    return keys;
}

}  // namespace detail

/// The fingerprint of the part of a model that this process holds. Fingerprints of shards that
/// make up the model add up, modulo 2^64, to that of the model.
template <TensorList<MemorySpace::host> Tensors>
std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard, const Tensors& tensors,
                                const Cpu& backend = {}) {
    constexpr std::size_t chunk = 64 * detail::fingerprint_tile;
    const std::vector<TensorView> views = views_of(tensors);
    const Placement placement(layout, shard, std::span<const TensorView>(views));
    std::atomic<std::uint64_t> total{0};
    const auto chunks = static_cast<std::size_t>((layout.element_count() + chunk - 1) / chunk);
    cpu::with_loops(backend.instruction_set, [&]<class Loops>(Loops) {
        parallel_for(backend, chunks, [&](std::size_t index) {
            std::uint64_t sum = 0;
            const std::uint64_t begin = std::uint64_t{index} * chunk;
            const std::uint64_t count =
                (std::min<std::uint64_t>)(chunk, layout.element_count() - begin);
            placement.for_each(
                begin, count,
                [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
                    visit_dtype(views[tensor].dtype, [&]<class T>(T*) {
                        const T* elements = static_cast<const T*>(views[tensor].data) + first;
                        const auto& keys =
                            detail::fingerprint_lane_keys<cpu::elements_per_lane<T>>();
                        for (std::size_t done = 0; done < length;) {
                            const std::uint64_t element = begin + at + done;
                            const auto j =
                                static_cast<std::size_t>(element % detail::fingerprint_tile);
                            const std::size_t left =
                                (std::min)(detail::fingerprint_tile - j, length - done);
                            sum += detail::odd_number(element / detail::fingerprint_tile, 3) *
                                   Loops::sum_of_products(elements + done, keys, j, left);
                            done += left;
                        }
                    });
                });
            total.fetch_add(sum, std::memory_order_relaxed);
        });
    });
    return total;
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
