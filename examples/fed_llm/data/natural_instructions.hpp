#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fed_llm/data/federated_dataset.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Fewest instances of a training task; see rule 2.
inline constexpr std::size_t fewest_instances = 20;

/// Loads Natural Instructions v2.8: splits/default/{train,test}_tasks.txt name the tasks, each in
/// tasks/NAME.json. Every training task is a client of that name.
///
/// The rule, in this order:
/// 1. An instance is a prompt (Alpaca; the task's first Definition and the instance's input) and
/// its
///    first output. Instances of more than `max_length` tokens, BOS and EOS included, are dropped.
///    (The paper's code compares the characters of the input with the limit, and cuts tokens off.)
/// 2. A training task with fewer than 20 instances left is dropped, a test task with none.
/// 3. Of a training task, floor(20%) of the instances left are drawn; of a test task,
///    max(20, floor(2%)), or all where there are fewer.
///
/// Repro: the instances drawn from a task, and their order, are a function of the seed, the task's
/// name and the instances left. Clients and test tasks stand in the order of the split files.
/// Throws: FileError; std::invalid_argument for a max_length below 1; what `on_example`, called before
/// each instance is encoded, throws.
/// Source: Wang et al., arXiv 2204.07705; order of the steps as in the public code of Ferret
/// (arXiv 2409.06277) and FedKSeed (arXiv 2312.06353).
FederatedDataset load_natural_instructions(const std::filesystem::path& folder,
                                           const hugging_face::Tokenizer& tokenizer,
                                           std::int64_t max_length, std::uint64_t seed,
                                           const std::function<void()>& on_example = {});

/// Prompt and response of every instance of every training task in the folder, to train a tokenizer
/// on.
/// Throws: FileError.
std::vector<std::string> read_training_texts(const std::filesystem::path& folder);

}  // namespace fed_llm
