#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <span>

#include "client.hpp"
#include "measurement.hpp"

namespace fed_round {

/// A Markdown table of the medians beside the paper's figures, how Ferret stands to FedAvg, and what is
/// not as measured.
void print_tables(std::ostream& out, const Options& options, const Client& client,
                  std::span<const Measurement> measurements);

/// Everything: the settings, every round and the paper's figures.
nlohmann::ordered_json to_json(const Options& options, const Client& client,
                               std::span<const Measurement> measurements);

}  // namespace fed_round
