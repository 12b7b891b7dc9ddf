#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ferret {

/// Consecutive numbers begin .. end - 1, addresses or elements of a model, that belong to one of a list.
struct Interval {
    std::uint64_t begin;
    std::uint64_t end;
    std::size_t index;  ///< in the list
};

/// Sorts intervals by where they begin.
inline void sort_intervals(std::vector<Interval>& intervals) {
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
}

/// The number of the first of sorted intervals that shares something with the one before it, or how many
/// there are if none does.
inline std::size_t find_overlap(std::span<const Interval> sorted) {
    std::size_t i = 1;
    while (i < sorted.size() && sorted[i].begin >= sorted[i - 1].end) ++i;
    return (std::min)(i, sorted.size());
}

}  // namespace ferret
