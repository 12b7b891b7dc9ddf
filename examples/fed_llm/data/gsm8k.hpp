#pragma once

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Loads GSM8K: train.jsonl and test.jsonl (question, answer) in one folder.
///
/// The rule: the official test split; training problems go to the clients, 3 IID ones unless the
/// settings say otherwise; rows over the length limit are dropped. Answers stay as they are, with
/// their calculator notes and the final number after "####".
/// Throws: FileError; std::invalid_argument where there are too few rows for the clients.
/// Repro: a function of the files, the tokenizer and the settings.
/// Source: Cobbe et al., arXiv 2110.14168; the three IID clients as in FederatedScope-LLM
/// (arXiv 2309.00363), whose code replaces "####" by words.
FederatedDataset load_gsm8k(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer);

}  // namespace fed_llm
