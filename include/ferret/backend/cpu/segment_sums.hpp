#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "../../block/tiling.hpp"
#include "cpu.hpp"
#include "loops.hpp"

namespace ferret::cpu {

/// Memory that begins at a cache line.
template <class T>
struct CacheLineAllocator {
    using value_type = T;
    CacheLineAllocator() = default;
    template <class U>
    CacheLineAllocator(const CacheLineAllocator<U>&) {}
    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{cache_line}));
    }
    void deallocate(T* memory, std::size_t) {
        ::operator delete (memory, std::align_val_t{cache_line});
    }
    bool operator==(const CacheLineAllocator&) const = default;
};

template <class T>
using CacheLineVector = std::vector<T, CacheLineAllocator<T>>;

/// Partial sums that are held at a time.
inline constexpr std::size_t partial_sum_limit = std::size_t{1} << 20;

/// Calls run(segment, first, last, partial) for pieces of work that together cover every base
/// first .. last - 1 of every segment, in parallel; then adds the segments' partial sums in order.
/// Shapes: counts[l]: numbers that a segment of block l yields -> sum of counts
/// Cost:   memory O(sum of counts + partial_sum_limit), whatever the number of segments
template <class Run>
std::vector<double> sum_segments(const Cpu& cpu, std::span<const Segment> segments,
                                 std::span<const std::uint32_t> counts, std::uint32_t per_task,
                                 const Run& run) {
    // No two segments share a cache line of partial sums.
    const auto whole_lines = [](std::size_t count) {
        constexpr std::size_t line = cache_line / sizeof(double);
        return (count + line - 1) / line * line;
    };
    struct Task {
        std::size_t segment;
        std::uint32_t first;
        std::uint32_t last;
        std::size_t partial;
    };
    std::vector<std::size_t> offsets{0};
    for (const std::uint32_t count : counts) offsets.push_back(offsets.back() + count);
    std::vector<double> totals(offsets.back(), 0.0);

    // Waves of consecutive segments, so that few partial sums are held at a time.
    std::vector<Task> tasks;
    CacheLineVector<double> partials;
    for (std::size_t begin = 0; begin < segments.size();) {
        tasks.clear();
        std::size_t held = 0;
        std::size_t end = begin;
        for (; end < segments.size(); ++end) {
            const std::uint32_t count = counts[segments[end].block];
            if (end > begin && held + count > partial_sum_limit) break;
            for (std::uint32_t first = 0; first < count; first += std::min(per_task, count - first))
                tasks.push_back(
                    {end, first, first + std::min(per_task, count - first), held + first});
            held += whole_lines(count);
        }
        partials.assign(held, 0.0);
        parallel_for(cpu, tasks.size(), [&](std::size_t i) {
            const Task& task = tasks[i];
            run(segments[task.segment], task.first, task.last, partials.data() + task.partial);
        });
        std::size_t partial = 0;
        for (std::size_t s = begin; s < end; ++s) {
            const std::size_t block = segments[s].block;
            for (std::uint32_t k = 0; k < counts[block]; ++k)
                totals[offsets[block] + k] += partials[partial + k];
            partial += whole_lines(counts[block]);
        }
        begin = end;
    }
    return totals;
}

}  // namespace ferret::cpu
