#pragma once

#include <string>
#include <vector>

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// The names of the data sets that load_dataset knows.
const std::vector<std::string>& dataset_names();

/// Loads the data set settings.name from settings.path.
/// Throws: FileError; std::invalid_argument for an unknown name, a max_length below 1 or so small
/// that no training or no test example is left, or a split that the data set cannot have (the
/// clients of Natural Instructions are its tasks).
/// Repro: a function of the files, the tokenizer and the settings.
FederatedDataset load_dataset(const DatasetSettings& settings,
                              const hugging_face::Tokenizer& tokenizer);

}  // namespace fed_llm
