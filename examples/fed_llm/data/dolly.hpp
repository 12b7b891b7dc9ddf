#pragma once

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Loads databricks-dolly-15k.jsonl (instruction, context, response, category).
///
/// The rule: rows over the length limit are dropped; the rows of the last category in the order of
/// names (summarization) are the test set; the others go to the clients, 200 by Dirichlet(0.5)
/// unless the settings say otherwise. Test rows keep the order of the file.
/// Throws: FileError; std::invalid_argument where there are too few rows for the clients.
/// Repro: a function of the file, the tokenizer and the settings.
/// Source: the public code of FedKSeed (arXiv 2312.06353), which Ferret's builds on: it numbers the
/// categories in the order of their names and tests on number 7, the last.
FederatedDataset load_dolly(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer);

}  // namespace fed_llm
