#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "fed_llm/model/llama_config.hpp"

namespace fed_llm {

/// Lowers the length limit to the positions that the model has. Returns a warning that says so, where
/// it was higher.
std::optional<std::string> limit_to_positions(DatasetSettings& settings, const LlamaConfig& config);

/// Throws: std::invalid_argument naming the first example with a token that the model's embedding
/// has no row for. Cost: O(tokens).
void expect_known_tokens(const FederatedDataset& dataset, const LlamaConfig& config);

/// A warning where prompts leave the model too few positions for answers of `max_new_tokens`.
std::optional<std::string> warn_of_short_answers(std::span<const Example> prompts,
                                                 std::int64_t max_new_tokens,
                                                 const LlamaConfig& config);

}  // namespace fed_llm
