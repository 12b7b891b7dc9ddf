#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../function_ref.hpp"
#include "cpu.hpp"
#include "kernels.hpp"

namespace ferret::cpu {

/// Zeros that begin at a cache line.
template <class T>
class CacheLineArray {
public:
    explicit CacheLineArray(std::size_t size)
        : size_(size),
          memory_(
              static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{cache_line}))) {
        std::fill_n(memory_, size, T{});
    }
    ~CacheLineArray() { ::operator delete (memory_, std::align_val_t{cache_line}); }
    CacheLineArray(const CacheLineArray&) = delete;
    CacheLineArray& operator=(const CacheLineArray&) = delete;

    T* data() { return memory_; }
    std::size_t size() const { return size_; }

private:
    std::size_t size_;
    T* memory_;
};

/// Partial sums that are held at a time.
inline constexpr std::size_t partial_sum_limit = std::size_t{1} << 20;

/// A segment, and where its sums are added.
struct RunSegment {
    Segment segment;
    std::size_t first_sum;
};

/// The segments of runs, in order, each run with counts[l] sums of its own.
inline std::vector<RunSegment> segments_of(const Layout& layout, std::span<const SegmentRun> runs,
                                           std::span<const std::uint64_t> segment_sizes,
                                           std::span<const std::uint32_t> counts) {
    std::vector<RunSegment> segments;
    std::size_t first_sum = 0;
    for (const SegmentRun& run : runs) {
        const std::uint64_t size = segment_sizes[run.block];
        for (std::uint64_t begin = run.first * size; begin < (run.first + run.count) * size;
             begin += size)
            segments.push_back(
                {{run.block, begin, (std::min)(begin + size, layout.block_size(run.block))},
                 first_sum});
        first_sum += counts[run.block];
    }
    return segments;
}

/// Calls run(segment, first, last, partial) for pieces of work that together cover every base
/// first .. last - 1 of every segment, in parallel; then adds the segments' partial sums in order.
/// Shapes: counts[l]: numbers that a segment of block l yields -> those of each run
///         adds_once(segment): whether run adds to each number of it only once, so that it may add
///         to the total itself
/// Cost:   memory O(sums + partial_sum_limit), whatever the number of segments in a run
inline std::vector<double> sum_segments(
    const Cpu& cpu, std::span<const RunSegment> segments, std::span<const std::uint32_t> counts,
    std::uint32_t per_task, FunctionRef<bool(const Segment&)> adds_once,
    FunctionRef<void(const Segment&, std::uint32_t, std::uint32_t, double*)> run) {
    // No two segments share a cache line of partial sums.
    const auto whole_lines = [](std::size_t count) {
        constexpr std::size_t line = cache_line / sizeof(double);
        return (count + line - 1) / line * line;
    };
    struct Task {
        std::size_t segment;
        std::uint32_t first;
        std::uint32_t last;
        double* sums;
    };
    const auto count_of = [&](std::size_t s) { return counts[segments[s].segment.block]; };
    std::vector<double> totals;
    if (!segments.empty()) totals.resize(segments.back().first_sum + count_of(segments.size() - 1));
    const auto threads = static_cast<std::uint32_t>(threads_of(cpu));
    const auto is_alone = [&](std::size_t s) {
        return adds_once(segments[s].segment) && (count_of(s) - 1) / per_task + 1 >= threads;
    };

    // Waves of consecutive segments, so that few partial sums are held at a time. A segment that
    // alone keeps all threads busy is a wave and needs none.
    std::vector<Task> tasks;
    for (std::size_t begin = 0; begin < segments.size();) {
        const bool alone = is_alone(begin);
        std::size_t held = 0;
        std::size_t end = begin;
        for (; end < segments.size() && (end == begin || !(alone || is_alone(end))); ++end) {
            const std::size_t count = whole_lines(count_of(end));
            if (end > begin && held + count > partial_sum_limit) break;
            held += count;
        }
        CacheLineArray<double> partials(alone ? 0 : held);
        tasks.clear();
        double* sums = partials.data();
        for (std::size_t s = begin; s < end; ++s) {
            const std::uint32_t count = count_of(s);
            if (alone) sums = totals.data() + segments[s].first_sum;
            for (std::uint32_t first = 0; first < count;) {
                const std::uint32_t last = first + (std::min)(per_task, count - first);
                tasks.push_back({s, first, last, sums + first});
                first = last;
            }
            sums += whole_lines(count);
        }
        parallel_for(cpu, tasks.size(), [&](std::size_t i) {
            const Task& task = tasks[i];
            run(segments[task.segment].segment, task.first, task.last, task.sums);
        });
        const double* partial = partials.data();
        for (std::size_t s = begin; s < end && !alone; ++s) {
            const std::uint32_t count = count_of(s);
            double* total = totals.data() + segments[s].first_sum;
            for (std::uint32_t k = 0; k < count; ++k) total[k] += partial[k];
            partial += whole_lines(count);
        }
        begin = end;
    }
    return totals;
}

}  // namespace ferret::cpu
