#pragma once

#include <cstdint>

#include "launch.cuh"
#include "ordered_sums.cuh"

namespace ferret::cuda {

/// Whole segments of rows of a range of one block's bases, summed in one launch.
struct Panel {
    std::uint32_t block;
    std::uint32_t first_basis;
    std::uint32_t bases;
    std::uint64_t first_row;
    std::uint64_t rows;
    std::uint64_t rows_per_segment;
    std::uint32_t bases_per_task;
    std::uint64_t first_total;  ///< of its bases among all runs'
    bool begins_run;
    // Where its parts begin among those of all panels of the launch.
    std::uint64_t first_task = 0;
    std::uint64_t first_sum = 0;
    std::uint64_t first_segment_sum = 0;
    std::uint64_t first_segment_task = 0;
    std::uint64_t first_total_task = 0;

    FERRET_HOST_DEVICE std::uint64_t sums() const { return rows * bases; }
    FERRET_HOST_DEVICE std::uint64_t segments() const {
        return (rows + rows_per_segment - 1) / rows_per_segment;
    }
    FERRET_HOST_DEVICE std::uint64_t segment_sums() const { return segments() * bases; }
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

    /// Puts its parts behind those of another panel.
    void follow(const Panel& last) {
        first_task = last.first_task + last.tasks();
        first_sum = last.first_sum + last.sums();
        first_segment_sum = last.first_segment_sum + last.segment_sums();
        first_segment_task = last.first_segment_task + last.segment_tasks();
        first_total_task = last.first_total_task + last.total_tasks();
    }
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

}  // namespace ferret::cuda
