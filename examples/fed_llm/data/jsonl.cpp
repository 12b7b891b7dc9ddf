#include "data/jsonl.hpp"

#include <utility>

#include "data/instruction_file.hpp"
#include "data/row_dataset.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t default_clients = 10;

}  // namespace

FederatedDataset load_jsonl(const DatasetSettings& settings, const Tokenizer& tokenizer) {
    const auto encode = [&](const std::filesystem::path& file, std::size_t& dropped) {
        const InstructionFields fields{"instruction", "input", "output", "category"};
        return encode_rows(read_jsonl_rows(file, fields), tokenizer, settings.max_length, "all",
                           dropped);
    };
    const auto train_file = find_data_file(settings.path, {"train.jsonl"});
    const auto test_file = settings.path / "test.jsonl";
    FederatedDataset dataset;
    LabelledExamples rows = encode(train_file, dataset.dropped.long_train_instances);
    const LabelledExamples test = std::filesystem::exists(test_file)
                                      ? encode(test_file, dataset.dropped.long_test_instances)
                                      : hold_out_tenth(rows, settings.seed);
    dataset.test = test.examples;
    dataset.clients = make_clients(
        std::move(rows), settings, settings.clients > 0 ? settings.clients : default_clients,
        settings.split == Split::by_dataset ? Split::iid : settings.split);
    return dataset;
}

}  // namespace fed_llm
