#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fed_llm/data/dataset_settings.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "fed_llm/data/instruction_file.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// Examples and the category of each.
struct LabelledExamples {
    std::vector<Example> examples;
    std::vector<std::string> categories;  ///< as many as examples
    std::size_t too_long = 0;             ///< rows that were left out

    void add(Example example, std::string category);
};

/// What the examples of a data set are for.
enum class Purpose { training, test };

/// Rows as Alpaca prompts with their outputs. Rows of more than `settings.max_length` tokens, BOS and
/// EOS included, are left out and counted; a row without category gets `category`.
/// Throws: what expect_examples does.
LabelledExamples encode_rows(const std::vector<InstructionRow>& rows,
                             const hugging_face::Tokenizer& tokenizer,
                             const DatasetSettings& settings, Purpose purpose,
                             const std::string& category);

/// Throws: std::invalid_argument saying that all `too_long` rows are over the length limit, where
/// no example is left.
void expect_examples(const DatasetSettings& settings, Purpose purpose, bool some,
                     std::size_t too_long);

/// Takes a random tenth of the examples (rounded down, but at least one) out of `rows`, and
/// returns it in the order of the categories' names.
/// Repro: a function of the seed and the number of examples.
/// Throws: std::invalid_argument for fewer than two examples.
LabelledExamples hold_out_tenth(LabelledExamples& rows, std::uint64_t seed);

/// The examples as clients, by a Dirichlet or an IID split.
/// Repro: a function of the examples, `settings.seed`, the number of clients, the split and alpha.
/// Throws: std::invalid_argument where there are too few examples.
std::vector<Client> make_clients(LabelledExamples rows, const DatasetSettings& settings,
                                 std::size_t clients, federated::Split split);

/// A client for each category, of its name and in its order.
std::vector<Client> make_client_per_category(LabelledExamples rows);

}  // namespace fed_llm
