#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "panels.cuh"
#include "run_rows.cuh"

namespace ferret::cuda {

/// Cuts the sums of runs into panels, and puts these into launches of few partial sums each.
class PanelLaunches {
public:
    explicit PanelLaunches(std::uint64_t most_sums) : most_sums_(most_sums), held_(most_sums) {}

    /// Its segments come in order.
    void add(const RunRows& run) {
        const auto most_bases = static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>(most_sums_ / run.rows_per_segment, 1, run.bases));
        for (std::uint32_t basis = 0; basis < run.bases;) {
            const std::uint32_t bases = (std::min)(most_bases, run.bases - basis);
            add_bases(run, basis, bases);
            basis += bases;
        }
        total_ += run.bases;
    }

    std::vector<std::vector<Panel>> take() && { return std::move(launches_); }

private:
    void add_bases(const RunRows& run, std::uint32_t first_basis, std::uint32_t bases) {
        const std::uint64_t segments =
            (std::max<std::uint64_t>)(1, most_sums_ / (run.rows_per_segment * bases));
        const std::uint64_t most_rows = segments * run.rows_per_segment;
        for (std::uint64_t row = 0; row < run.rows; row += most_rows)
            put({.block = run.block,
                 .first_basis = first_basis,
                 .bases = bases,
                 .first_row = run.first_row + row,
                 .rows = (std::min)(most_rows, run.rows - row),
                 .rows_per_segment = run.rows_per_segment,
                 .bases_per_task = run.bases_per_task,
                 .first_total = total_ + first_basis,
                 .begins_run = row == 0});
    }

    void put(Panel panel) {
        // Panels of the same bases add to the same totals: one launch after the other.
        if (held_ + panel.sums() > most_sums_ || !panel.begins_run) {
            launches_.emplace_back();
            held_ = 0;
        } else {
            panel.follow(launches_.back().back());
        }
        held_ += panel.sums();
        launches_.back().push_back(panel);
    }

    std::uint64_t most_sums_;
    std::uint64_t held_;       ///< partial sums of the last launch; as if full where there is none
    std::uint64_t total_ = 0;  ///< bases of all runs so far
    std::vector<std::vector<Panel>> launches_;
};

/// The panels of each launch that sums the rows of all runs.
inline std::vector<std::vector<Panel>> launches_of(std::span<const RunRows> runs,
                                                   std::uint64_t most_sums) {
    PanelLaunches launches(most_sums);
    for (const RunRows& run : runs) launches.add(run);
    return std::move(launches).take();
}

}  // namespace ferret::cuda
