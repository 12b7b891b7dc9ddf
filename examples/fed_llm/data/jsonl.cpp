#include "fed_llm/data/jsonl.hpp"

#include <utility>

#include "fed_llm/data/instruction_file.hpp"
#include "fed_llm/data/row_dataset.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t default_clients = 10;

}  // namespace

FederatedDataset load_jsonl(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer) {
    const auto encode = [&](const std::filesystem::path& file, Purpose purpose) {
        const InstructionFields fields{"instruction", "input", "output", "category"};
        return encode_rows(read_rows(file, fields), tokenizer, settings, purpose, "all");
    };
    const auto train_file = find_data_file(settings.path, {"train.jsonl"});
    const auto test_file = settings.path / "test.jsonl";
    FederatedDataset dataset;
    LabelledExamples rows = encode(train_file, Purpose::training);
    LabelledExamples test = std::filesystem::exists(test_file)
                                ? encode(test_file, Purpose::test)
                                : hold_out_tenth(rows, settings.seed);
    dataset.dropped.long_train_instances = rows.too_long;
    dataset.dropped.long_test_instances = test.too_long;
    dataset.test = std::move(test.examples);
    dataset.clients = make_clients(
        std::move(rows), settings, settings.clients > 0 ? settings.clients : default_clients,
        settings.split == federated::Split::by_dataset ? federated::Split::iid : settings.split);
    return dataset;
}

}  // namespace fed_llm
