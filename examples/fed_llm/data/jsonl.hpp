#pragma once

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Loads rows of {"instruction", "input", "output", "category"}, one JSON object a line; input and
/// category may be left out. The path is a file, or a folder with train.jsonl and, if there is one,
/// test.jsonl.
///
/// The rule: rows over the length limit are dropped; without test.jsonl a random tenth of the
/// others is held out as test set; training rows go to the clients, 10 IID ones unless the settings
/// say otherwise. Rows without category are of the category "all".
/// Throws: FileError; std::invalid_argument where there are too few rows for the clients.
/// Repro: a function of the files, the tokenizer and the settings.
FederatedDataset load_jsonl(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer);

}  // namespace fed_llm
