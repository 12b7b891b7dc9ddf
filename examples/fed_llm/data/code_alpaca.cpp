#include "fed_llm/data/code_alpaca.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "fed_llm/data/instruction_file.hpp"
#include "fed_llm/data/programming_language.hpp"
#include "fed_llm/data/row_dataset.hpp"
#include "files/file_error.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t published_languages = 9;

/// The languages with the most rows; of equals, the first by name.
std::set<std::string> most_frequent(const std::vector<std::string>& categories) {
    std::map<std::string, std::size_t> counts;
    for (const std::string& category : categories) ++counts[category];
    std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    sorted.resize(std::min(sorted.size(), published_languages));
    std::set<std::string> kept;
    for (const auto& [language, count] : sorted) kept.insert(language);
    return kept;
}

/// The rows of these languages.
LabelledExamples only(LabelledExamples rows, const std::set<std::string>& languages) {
    LabelledExamples kept;
    kept.too_long = rows.too_long;
    for (std::size_t row = 0; row < rows.examples.size(); ++row) {
        if (!languages.contains(rows.categories[row])) continue;
        kept.add(std::move(rows.examples[row]), std::move(rows.categories[row]));
    }
    return kept;
}

}  // namespace

FederatedDataset load_code_alpaca(const DatasetSettings& settings,
                                  const hugging_face::Tokenizer& tokenizer) {
    const auto file = find_data_file(
        settings.path, {"rosetta_alpaca.json", "code_alpaca_20k.json", "code_alpaca_2k.json"});
    std::vector<InstructionRow> named;
    FederatedDataset dataset;
    for (InstructionRow& row : read_rows(file, {})) {
        auto language = programming_language(row.instruction, row.input);
        if (!language) {
            ++dataset.dropped.without_category;
            continue;
        }
        row.category = std::move(*language);
        named.push_back(std::move(row));
    }
    if (named.empty()) {
        throw files::FileError(file, "rows", "some that name a programming language", "none");
    }
    LabelledExamples examples = encode_rows(named, tokenizer, settings, Purpose::training, {});
    dataset.dropped.long_train_instances = examples.too_long;
    const std::size_t short_enough = examples.examples.size();
    const std::set<std::string> languages = most_frequent(examples.categories);
    examples = only(std::move(examples), languages);
    dataset.dropped.without_category += short_enough - examples.examples.size();
    dataset.test = hold_out_tenth(examples, settings.seed).examples;
    if (settings.clients == 0 && settings.split == federated::Split::by_dataset) {
        dataset.clients = make_client_per_category(std::move(examples));
    } else {
        dataset.clients = make_clients(
            std::move(examples), settings,
            settings.clients > 0 ? settings.clients : published_languages,
            settings.split == federated::Split::by_dataset ? federated::Split::dirichlet
                                                           : settings.split);
    }
    return dataset;
}

}  // namespace fed_llm
