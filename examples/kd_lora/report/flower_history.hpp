#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "kd_lora/evaluation/metrics.hpp"

namespace kd_lora {

/// How the models of a round did on the validation set. Round 0 is before the first.
struct HistoryRound {
    std::int64_t round = 0;
    Scores student;                      ///< of the model that clients are sent
    std::optional<Scores> teacher = {};  ///< where the server has one
};

/// A run as the public code writes it: {config, results, elapsed_time_secs}, results being the fields
/// of a Flower History with [round, value] pairs.
///
/// losses_distributed and metrics_distributed are the student's of rounds 1, 2, ...: there, every
/// client evaluates the same averaged model on the same set. Where there is a teacher,
/// losses_centralized is the mean of both models' losses from round 0 on, and metrics_centralized has
/// each model's. matthews beside accuracy is more than the public code has, and losses are means over
/// examples: there, they are means over batches divided by the number of examples.
/// A number that is not finite becomes null.
nlohmann::ordered_json flower_history(const nlohmann::ordered_json& config,
                                      std::span<const HistoryRound> rounds, double elapsed_seconds);

/// The public code's name of such a file: "2024-02-14_09-05-59.json" of that local time.
std::string flower_file_name(std::chrono::system_clock::time_point time);

/// Writes the history as `folder`/`name`, indented as there. Makes the folder where it is missing.
/// Throws: FileError.
void write_flower_history(const nlohmann::ordered_json& history,
                          const std::filesystem::path& folder, const std::string& name);

}  // namespace kd_lora
