#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "federated/data/split.hpp"

namespace fed_llm {

/// What load_dataset and the loaders of data sets go by.
struct DatasetSettings {
    std::string name;             ///< one of dataset_names()
    std::filesystem::path path;   ///< a folder in the data set's published layout, or its file
    std::int64_t max_length = 0;  ///< tokens of prompt and response; longer rows are dropped
    std::string max_length_by = "--max-length";  ///< what sets that limit, for messages
    std::uint64_t seed = 0;                      ///< of the split and of what is held out
    std::size_t clients = 0;                     ///< 0: the data set's own number
    federated::Split split = federated::Split::by_dataset;  ///< how rows come to clients
    double alpha = 0.5;                                     ///< of a Dirichlet split
    /// Called before each example is encoded. What it throws ends the loading.
    std::function<void()> on_example = {};
};

}  // namespace fed_llm
