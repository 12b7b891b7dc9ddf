#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/dataset_settings.hpp"
#include "data/federated_dataset.hpp"
#include "data/instruction_file.hpp"
#include "text/tokenizer.hpp"

namespace fed_llm {

/// Examples and the category of each.
struct LabelledExamples {
    std::vector<Example> examples;
    std::vector<std::string> categories;  ///< as many as examples

    void add(Example example, std::string category);
};

/// Rows as Alpaca prompts with their outputs. Rows of more than `max_length` tokens, BOS and EOS
/// included, are left out and added to `dropped`; a row without category gets `category`.
LabelledExamples encode_rows(const std::vector<InstructionRow>& rows, const Tokenizer& tokenizer,
                             std::int64_t max_length, const std::string& category,
                             std::size_t& dropped);

/// Takes a random tenth of the examples (rounded down, but at least one) out of `rows`, and
/// returns it in the order of the categories' names.
/// Repro: a function of the seed and the number of examples.
/// Throws: std::invalid_argument for fewer than two examples.
LabelledExamples hold_out_tenth(LabelledExamples& rows, std::uint64_t seed);

/// The examples as clients, by a Dirichlet or an IID split.
/// Repro: a function of the examples, `settings.seed`, the number of clients, the split and alpha.
/// Throws: std::invalid_argument where there are too few examples.
std::vector<Client> make_clients(LabelledExamples rows, const DatasetSettings& settings,
                                 std::size_t clients, Split split);

/// A client for each category, of its name and in its order.
std::vector<Client> make_client_per_category(LabelledExamples rows);

}  // namespace fed_llm
