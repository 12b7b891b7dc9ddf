#pragma once

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Loads CodeAlpaca, a JSON list of {"instruction", "input", "output"}: the file itself, or a folder
/// with rosetta_alpaca.json, code_alpaca_20k.json or code_alpaca_2k.json, the first of these that
/// is there.
///
/// The rule: rows over the length limit are dropped. A row's category is its programming_language;
/// rows that name none, and those of languages beyond the nine with the most rows, are left out. A
/// random tenth of the others is held out as test set. The rest is a client for each language; with
/// a number of clients, or another split, that many clients by Dirichlet or IID split.
/// Throws: FileError; std::invalid_argument where there are too few rows for the clients.
/// Repro: a function of the file, the tokenizer and the settings.
/// Source: github sahil280114/codealpaca; FederatedScope-LLM (arXiv 2309.00363) takes
/// rosetta_alpaca.json, where `input` is the language, without X86-64 Assembly, of which there are
/// too few. Reading the language from the instruction, for files without that column, is our own.
FederatedDataset load_code_alpaca(const DatasetSettings& settings,
                                  const hugging_face::Tokenizer& tokenizer);

}  // namespace fed_llm
