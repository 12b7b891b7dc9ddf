#include "fed_llm/data/dolly.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "fed_llm/data/instruction_file.hpp"
#include "fed_llm/data/row_dataset.hpp"
#include "files/file_error.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t published_clients = 200;
constexpr const char* no_category = "none";

}  // namespace

FederatedDataset load_dolly(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer) {
    const auto file = find_data_file(settings.path, {"databricks-dolly-15k.jsonl"});
    std::vector<InstructionRow> rows =
        read_rows(file, {"instruction", "context", "response", "category"});
    const auto by_category = [](const InstructionRow& left, const InstructionRow& right) {
        return left.category < right.category;
    };
    const auto [first, last] = std::minmax_element(rows.begin(), rows.end(), by_category);
    if (first->category == last->category) {
        throw files::FileError(file, "category", "at least two categories",
                               "only '" + first->category + "'");
    }
    const std::string test_category = last->category;
    const auto test_begin = std::stable_partition(
        rows.begin(), rows.end(),
        [&](const InstructionRow& row) { return row.category != test_category; });
    const std::vector<InstructionRow> test_rows(std::make_move_iterator(test_begin),
                                                std::make_move_iterator(rows.end()));
    rows.erase(test_begin, rows.end());

    LabelledExamples test = encode_rows(test_rows, tokenizer, settings, Purpose::test, no_category);
    LabelledExamples training =
        encode_rows(rows, tokenizer, settings, Purpose::training, no_category);
    FederatedDataset dataset;
    dataset.dropped.long_train_instances = training.too_long;
    dataset.dropped.long_test_instances = test.too_long;
    dataset.test = std::move(test.examples);
    dataset.clients = make_clients(
        std::move(training), settings, settings.clients > 0 ? settings.clients : published_clients,
        settings.split == federated::Split::by_dataset ? federated::Split::dirichlet
                                                       : settings.split);
    return dataset;
}

}  // namespace fed_llm
