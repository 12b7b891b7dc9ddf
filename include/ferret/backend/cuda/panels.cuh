#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "launch.cuh"
#include "memory.cuh"

namespace ferret::cuda {

/// Sums that one block of the layout needs: `rows` of them (tiles or stretches) for each basis.
struct BlockSums {
    std::uint64_t rows;
    std::uint64_t rows_per_segment;
    std::uint32_t bases;
    std::uint32_t rows_per_task;
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
    std::uint32_t rows_per_task;
    std::uint32_t bases_per_task;
    // Where its parts begin among those of all panels of the launch.
    std::uint64_t first_task;
    std::uint64_t first_sum;
    std::uint64_t first_segment_sum;
    std::uint64_t first_output;
    std::uint64_t first_total;  ///< of its bases among all blocks'

    FERRET_HOST_DEVICE std::uint64_t segments() const {
        return (rows + rows_per_segment - 1) / rows_per_segment;
    }
    FERRET_HOST_DEVICE std::uint64_t tasks_across() const {
        return (bases + bases_per_task - 1) / bases_per_task;
    }
    FERRET_HOST_DEVICE std::uint64_t tasks() const {
        return (rows + rows_per_task - 1) / rows_per_task * tasks_across();
    }
};

/// A part of a panel that one task sums.
struct PanelTask {
    const Panel* panel;
    std::uint64_t first_row;  ///< counted from the block's first
    std::uint32_t rows;
    std::uint32_t first_basis;
    std::uint32_t bases;
    std::uint64_t first_sum;  ///< of first_row and first_basis; a row's sums are panel->bases apart
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
        const std::uint64_t row = (index - panel.first_task) / across * panel.rows_per_task;
        const auto basis =
            static_cast<std::uint32_t>((index - panel.first_task) % across * panel.bases_per_task);
        const std::uint64_t rows_left = panel.rows - row;
        const std::uint32_t bases_left = panel.bases - basis;
        return {&panel,
                panel.first_row + row,
                rows_left < panel.rows_per_task ? static_cast<std::uint32_t>(rows_left)
                                                : panel.rows_per_task,
                panel.first_basis + basis,
                bases_left < panel.bases_per_task ? bases_left : panel.bases_per_task,
                panel.first_sum + row * panel.bases + basis};
    }
};

/// Adds the rows of one segment and basis in order in double.
template <class Number>
struct AddRows {
    PanelsView panels;
    const Number* sums;
    double* segment_sums;

    FERRET_DEVICE void operator()(std::uint64_t index) const {
        const Panel& panel = panels.find(index, &Panel::first_segment_sum);
        const std::uint64_t segment = (index - panel.first_segment_sum) / panel.bases;
        const std::uint64_t basis = (index - panel.first_segment_sum) % panel.bases;
        const std::uint64_t begin = segment * panel.rows_per_segment;
        const std::uint64_t left = panel.rows - begin;
        const std::uint64_t rows = left < panel.rows_per_segment ? left : panel.rows_per_segment;
        const Number* from = sums + panel.first_sum + begin * panel.bases + basis;
        double sum = 0.0;
        for (std::uint64_t row = 0; row < rows; ++row)
            sum += static_cast<double>(from[row * panel.bases]);
        segment_sums[index] = sum;
    }
};

/// Adds the segments of one basis in order in double to its total, which the first panel begins.
struct AddSegments {
    PanelsView panels;
    const double* segment_sums;
    double* totals;

    FERRET_DEVICE void operator()(std::uint64_t index) const {
        const Panel& panel = panels.find(index, &Panel::first_output);
        const std::uint64_t basis = index - panel.first_output;
        double* total = totals + panel.first_total + basis;
        double sum = panel.first_row == 0 ? 0.0 : *total;
        for (std::uint64_t segment = 0; segment < panel.segments(); ++segment)
            sum += segment_sums[panel.first_segment_sum + segment * panel.bases + basis];
        *total = sum;
    }
};

/// Cuts the sums of all blocks into launches of few partial sums each. A block's segments come in
/// order.
inline std::vector<std::vector<Panel>> launches_of(std::span<const BlockSums> blocks,
                                                   std::uint64_t most_sums) {
    std::vector<std::vector<Panel>> launches;
    std::uint64_t held = most_sums;
    std::uint64_t block_total = 0;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
        const BlockSums& sums = blocks[block];
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
                Panel panel{.block = block,
                            .first_basis = basis,
                            .bases = bases,
                            .first_row = row,
                            .rows = rows,
                            .rows_per_segment = sums.rows_per_segment,
                            .rows_per_task = sums.rows_per_task,
                            .bases_per_task = sums.bases_per_task,
                            .first_task = 0,
                            .first_sum = 0,
                            .first_segment_sum = 0,
                            .first_output = 0,
                            .first_total = block_total + basis};
                if (!launches.back().empty()) {
                    const Panel& last = launches.back().back();
                    panel.first_task = last.first_task + last.tasks();
                    panel.first_sum = last.first_sum + last.rows * last.bases;
                    panel.first_segment_sum = last.first_segment_sum + last.segments() * last.bases;
                    panel.first_output = last.first_output + last.bases;
                }
                launches.back().push_back(panel);
                row += rows;
            }
            basis += bases;
        }
        block_total += sums.bases;
    }
    return launches;
}

/// The totals of every block's bases, in the canonical order of tiling.hpp.
/// Math:   rows of one segment are added in order in double, and segments in order to the total
/// Shapes: launch_sums(panels, tasks, sums) queues the kernel that writes each panel's row sums of
///         type Number -> one total a basis, block after block
/// Cost:   memory O(sum of bases + most_sums), whatever the number of rows
template <class Number, class LaunchSums>
std::vector<double> sum_panels(const Cuda& cuda, std::span<const BlockSums> blocks,
                               std::uint64_t most_sums, const LaunchSums& launch_sums) {
    std::uint64_t count = 0;
    for (const BlockSums& block : blocks) count += block.bases;
    const DeviceArray<double> totals(cuda, static_cast<std::size_t>(count));
    for (const std::vector<Panel>& launch : launches_of(blocks, most_sums)) {
        const Panel& last = launch.back();
        const std::uint64_t segment_sum_count =
            last.first_segment_sum + last.segments() * last.bases;
        const DeviceArray<Panel> panels(cuda, launch);
        const DeviceArray<Number> sums(
            cuda, static_cast<std::size_t>(last.first_sum + last.rows * last.bases));
        const DeviceArray<double> segment_sums(cuda, static_cast<std::size_t>(segment_sum_count));
        const PanelsView view{panels.data(), static_cast<std::uint32_t>(panels.size())};
        launch_sums(view, last.first_task + last.tasks(), sums.data());
        for_each_index(cuda, segment_sum_count,
                       AddRows<Number>{view, sums.data(), segment_sums.data()});
        for_each_index(cuda, last.first_output + last.bases,
                       AddSegments{view, segment_sums.data(), totals.data()});
    }
    return totals.to_host();
}

}  // namespace ferret::cuda
