#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "../../block/segment_run.hpp"
#include "launch.cuh"
#include "memory.cuh"
#include "ordered_sums.cuh"

namespace ferret::cuda {

/// Partial sums that are held at a time: 64 MiB.
inline constexpr std::uint64_t most_partial_sums = std::uint64_t{1} << 24;

/// The size of the parts into which `count` things are cut, at most `most` in each.
constexpr std::uint32_t cut_evenly(std::uint32_t count, std::uint32_t most) {
    const std::uint32_t parts = (count - 1) / most + 1;
    return (count - 1) / parts + 1;
}

/// A run's rows where a block has `block_rows` of them.
struct RowRange {
    std::uint64_t first;
    std::uint64_t count;
};
inline RowRange rows_of(const SegmentRun& run, std::uint64_t rows_per_segment,
                        std::uint64_t block_rows) {
    const std::uint64_t first = run.first * rows_per_segment;
    return {first, (std::min)(run.count * rows_per_segment, block_rows - first)};
}

/// Sums that a run of one block's segments needs: `rows` of them (tiles or stretches) for each basis.
struct RunRows {
    std::uint32_t block;
    std::uint64_t first_row;
    std::uint64_t rows;
    std::uint64_t rows_per_segment;
    std::uint32_t bases;
    std::uint32_t bases_per_task;
};

/// Whole segments of rows of a range of one block's bases, summed in one launch.
struct Panel {
    std::uint32_t block;
    std::uint32_t first_basis;
    std::uint32_t bases;
    std::uint64_t first_row;
    std::uint64_t rows;
    std::uint64_t rows_per_segment;
    std::uint32_t bases_per_task;
    // Where its parts begin among those of all panels of the launch.
    std::uint64_t first_task;
    std::uint64_t first_sum;
    std::uint64_t first_segment_sum;
    std::uint64_t first_segment_task;
    std::uint64_t first_total_task;
    std::uint64_t first_total;  ///< of its bases among all runs'
    bool begins_run;

    FERRET_HOST_DEVICE std::uint64_t segments() const {
        return (rows + rows_per_segment - 1) / rows_per_segment;
    }
    FERRET_HOST_DEVICE OrderedShape segment_shape() const { return OrderedShape(rows_per_segment); }
    FERRET_HOST_DEVICE OrderedShape total_shape() const { return OrderedShape(segments()); }
    FERRET_HOST_DEVICE std::uint64_t segment_tasks() const {
        return segments() * segment_shape().tasks(bases);
    }
    FERRET_HOST_DEVICE std::uint64_t total_tasks() const { return total_shape().tasks(bases); }
    FERRET_HOST_DEVICE std::uint64_t tasks_across() const {
        return (bases + bases_per_task - 1) / bases_per_task;
    }
    FERRET_HOST_DEVICE std::uint64_t tasks() const { return rows * tasks_across(); }
};

/// A row of a panel, or a part of its bases, that one task sums.
struct PanelTask {
    const Panel* panel;
    std::uint64_t row;  ///< counted from the block's first
    std::uint32_t first_basis;
    std::uint32_t bases;
    std::uint64_t first_sum;  ///< of first_basis
};

/// The panels of one launch.
struct PanelsView {
    const Panel* panels;
    std::uint32_t count;

    /// The last panel whose `begin` is not over `position`.
    FERRET_DEVICE const Panel& find(std::uint64_t position, std::uint64_t Panel::*begin) const {
        return panels[find_last_begun(count, position,
                                      [&](std::uint32_t i) { return panels[i].*begin; })];
    }

    FERRET_DEVICE PanelTask task(std::uint64_t index) const {
        const Panel& panel = find(index, &Panel::first_task);
        const std::uint64_t across = panel.tasks_across();
        const std::uint64_t row = (index - panel.first_task) / across;
        const auto basis =
            static_cast<std::uint32_t>((index - panel.first_task) % across * panel.bases_per_task);
        const std::uint32_t bases_left = panel.bases - basis;
        return {&panel, panel.first_row + row, panel.first_basis + basis,
                bases_left < panel.bases_per_task ? bases_left : panel.bases_per_task,
                panel.first_sum + row * panel.bases + basis};
    }
};

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

/// Cuts the sums of all runs into launches of few partial sums each. A run's segments come in order.
inline std::vector<std::vector<Panel>> launches_of(std::span<const RunRows> runs,
                                                   std::uint64_t most_sums) {
    std::vector<std::vector<Panel>> launches;
    std::uint64_t held = most_sums;
    std::uint64_t run_total = 0;
    for (const RunRows& sums : runs) {
        const auto bases_at_once = static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>(most_sums / sums.rows_per_segment, 1, sums.bases));
        for (std::uint32_t basis = 0; basis < sums.bases;) {
            const std::uint32_t bases = (std::min)(bases_at_once, sums.bases - basis);
            const std::uint64_t segments =
                std::max<std::uint64_t>(1, most_sums / (sums.rows_per_segment * bases));
            for (std::uint64_t row = 0; row < sums.rows;) {
                const std::uint64_t rows =
                    (std::min)(segments * sums.rows_per_segment, sums.rows - row);
                // Panels of the same bases add to the same totals: one launch after the other.
                if (held + rows * bases > most_sums || row > 0) {
                    launches.emplace_back();
                    held = 0;
                }
                held += rows * bases;
                Panel panel{.block = sums.block,
                            .first_basis = basis,
                            .bases = bases,
                            .first_row = sums.first_row + row,
                            .rows = rows,
                            .rows_per_segment = sums.rows_per_segment,
                            .bases_per_task = sums.bases_per_task,
                            .first_task = 0,
                            .first_sum = 0,
                            .first_segment_sum = 0,
                            .first_segment_task = 0,
                            .first_total_task = 0,
                            .first_total = run_total + basis,
                            .begins_run = row == 0};
                if (!launches.back().empty()) {
                    const Panel& last = launches.back().back();
                    panel.first_task = last.first_task + last.tasks();
                    panel.first_sum = last.first_sum + last.rows * last.bases;
                    panel.first_segment_sum = last.first_segment_sum + last.segments() * last.bases;
                    panel.first_segment_task = last.first_segment_task + last.segment_tasks();
                    panel.first_total_task = last.first_total_task + last.total_tasks();
                }
                launches.back().push_back(panel);
                row += rows;
            }
            basis += bases;
        }
        run_total += sums.bases;
    }
    return launches;
}

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
        const std::uint64_t sum_count = last.first_sum + last.rows * last.bases;
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
        const std::uint64_t segment_sum_count =
            last.first_segment_sum + last.segments() * last.bases;
        const DeviceArray<double> segment_sums(cuda, static_cast<std::size_t>(segment_sum_count));
        launch(cuda, last.first_segment_task + last.segment_tasks(),
               AddRows<Number>(view, sums.data(), segment_sums.data()));
        add_segments(segment_sums.data());
    }
}

}  // namespace ferret::cuda
