#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fed_llm/data/federated_dataset.hpp"
#include "fed_llm/options/options.hpp"
#include "federated/federation/federation.hpp"
#include "federated/model/weights.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// What a run works on, beside the model's weights.
struct RunInputs {
    hugging_face::Tokenizer tokenizer;
    FederatedDataset dataset;  ///< its test examples cut down to --test-examples
    federated::FederationSettings
        federation;  ///< without the server rate, which may depend on the model
    std::vector<std::string> warnings;
};

/// Reads tokenizer and data, holds them against the model's config.json, and settles what the options
/// leave to the data.
/// Throws: FileError; std::invalid_argument for options that the data does not allow, and for tokens
/// that the model does not have; what `on_example`, called before each example is encoded, throws.
RunInputs load_inputs(const Options& options, const std::filesystem::path& model,
                      const std::filesystem::path& data,
                      const std::function<void()>& on_example = {});

/// `count` of the examples, evenly spread, so that every test task keeps its share; all for 0.
std::vector<Example> spread_evenly(std::vector<Example> examples, std::int64_t count);

/// What was left out of the data, in words; nothing where nothing was.
std::string describe_dropped(const DropCounts& dropped);

/// Training examples of all clients.
std::size_t training_example_count(const FederatedDataset& dataset);

}  // namespace fed_llm
