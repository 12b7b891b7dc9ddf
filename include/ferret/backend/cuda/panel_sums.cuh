#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "launch.cuh"
#include "memory.cuh"
#include "ordered_sums.cuh"
#include "panel_launches.cuh"
#include "panels.cuh"
#include "run_rows.cuh"

namespace ferret::cuda {

/// Partial sums that are held at a time: 64 MiB.
inline constexpr std::uint64_t most_partial_sums = std::uint64_t{1} << 24;

/// Adds the rows of one segment.
template <class Number>
struct AddRows : OrderedSums<Number> {
    using Shared = typename OrderedSums<Number>::Shared;

    PanelsView panels;
    const Number* sums;
    double* segment_sums;

    AddRows(const PanelsView& view, const Number* from, double* to)
        : panels(view), sums(from), segment_sums(to) {}

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const Panel& panel = panels.find(index, &Panel::first_segment_task);
        const OrderedShape shape = panel.segment_shape();
        const std::uint64_t task = index - panel.first_segment_task;
        const std::uint64_t segment = task / shape.tasks(panel.bases);
        const auto basis =
            static_cast<std::uint32_t>(task % shape.tasks(panel.bases) << shape.log2_width);
        const std::uint64_t begin = segment * panel.rows_per_segment;
        const std::uint64_t left = panel.rows - begin;
        this->add(team, shared, shape, sums + panel.first_sum + begin * panel.bases + basis,
                  left < panel.rows_per_segment ? left : panel.rows_per_segment, panel.bases,
                  panel.bases - basis,
                  segment_sums + panel.first_segment_sum + segment * panel.bases + basis,
                  [](unsigned) { return 0.0; });
    }
};

/// Adds the segments to the totals, which the first panel of each run begins.
struct AddSegments : OrderedSums<double> {
    PanelsView panels;
    const double* segment_sums;
    double* totals;

    AddSegments(const PanelsView& view, const double* from, double* to)
        : panels(view), segment_sums(from), totals(to) {}

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const Panel& panel = panels.find(index, &Panel::first_total_task);
        const OrderedShape shape = panel.total_shape();
        const auto basis =
            static_cast<std::uint32_t>((index - panel.first_total_task) << shape.log2_width);
        double* to = totals + panel.first_total + basis;
        add(team, shared, shape, segment_sums + panel.first_segment_sum + basis, panel.segments(),
            panel.bases, panel.bases - basis, to,
            [&](unsigned b) { return panel.begins_run ? 0.0 : to[b]; });
    }
};

/// Queues the totals of every run's bases, in the canonical order of tiling.hpp.
/// Math:   rows of one segment are added in order in double, and segments in order to the total
/// Shapes: launch_sums(panels, tasks, sums) queues the kernel that writes each panel's row sums of
///         type Number; totals: one a basis, run after run, on the device; those of a run
///         without rows are left alone
/// Cost:   memory O(most_sums), whatever the number of rows
template <class Number, class LaunchSums>
void sum_panels(const Cuda& cuda, std::span<const RunRows> runs, std::uint64_t most_sums,
                double* totals, const LaunchSums& launch_sums) {
    for (const std::vector<Panel>& at_once : launches_of(runs, most_sums)) {
        const Panel& last = at_once.back();
        const std::uint64_t sum_count = last.first_sum + last.sums();
        const DeviceArray<Panel> panels(cuda, at_once);
        const DeviceArray<Number> sums(cuda, static_cast<std::size_t>(sum_count));
        const PanelsView view{panels.data(), static_cast<std::uint32_t>(panels.size())};
        launch_sums(view, last.first_task + last.tasks(), sums.data());
        const auto add_segments = [&](const double* segment_sums) {
            launch(cuda, last.first_total_task + last.total_tasks(),
                   AddSegments(view, segment_sums, totals));
        };
        if constexpr (std::is_same_v<Number, double>)
            if (std::all_of(at_once.begin(), at_once.end(),
                            [](const Panel& panel) { return panel.rows_per_segment == 1; })) {
                add_segments(sums.data());
                continue;
            }
        const std::uint64_t segment_sum_count = last.first_segment_sum + last.segment_sums();
        const DeviceArray<double> segment_sums(cuda, static_cast<std::size_t>(segment_sum_count));
        launch(cuda, last.first_segment_task + last.segment_tasks(),
               AddRows<Number>(view, sums.data(), segment_sums.data()));
        add_segments(segment_sums.data());
    }
}

}  // namespace ferret::cuda
