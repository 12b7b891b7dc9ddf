#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "federated/store/metrics.hpp"

namespace federated {

/// A run as a column of the table.
struct ComparedRun {
    std::string name;
    std::string algorithm;
    Metrics metrics;
};

/// Throws: FileError.
ComparedRun read_run(const std::filesystem::path& folder);

/// Prints a Markdown table, a column a run: losses before and after, bytes, seconds by phase, and
/// how many times fewer bytes a run moves than the one that moves most.
/// Throws: std::invalid_argument for a run without round 0.
void print_comparison(std::ostream& stream, const std::vector<ComparedRun>& runs);

}  // namespace federated
