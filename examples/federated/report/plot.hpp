#pragma once

#include <filesystem>
#include <vector>

namespace federated {

/// Draws runs side by side: loss against rounds, bytes and seconds. The work is done by
/// scripts/plot_runs.py, which lies beside the program or where it was built from.
/// Throws: std::runtime_error that says what is missing (the script, python3, Matplotlib) or failed.
void plot_runs(const std::vector<std::filesystem::path>& runs,
               const std::filesystem::path& picture);

}  // namespace federated
