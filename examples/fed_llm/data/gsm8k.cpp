#include "fed_llm/data/gsm8k.hpp"

#include <utility>

#include "fed_llm/data/instruction_file.hpp"
#include "fed_llm/data/row_dataset.hpp"
#include "files/file_error.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t published_clients = 3;

}  // namespace

FederatedDataset load_gsm8k(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer) {
    if (std::filesystem::is_regular_file(settings.path)) {
        throw files::FileError(settings.path, "path", "a folder with train.jsonl and test.jsonl",
                               "a file");
    }
    const InstructionFields fields{"question", {}, "answer", {}};
    const auto encode = [&](const char* name, Purpose purpose) {
        return encode_rows(read_rows(settings.path / name, fields), tokenizer, settings, purpose,
                           "gsm8k");
    };
    LabelledExamples test = encode("test.jsonl", Purpose::test);
    LabelledExamples rows = encode("train.jsonl", Purpose::training);
    FederatedDataset dataset;
    dataset.final_numbers = true;
    dataset.dropped.long_train_instances = rows.too_long;
    dataset.dropped.long_test_instances = test.too_long;
    dataset.test = std::move(test.examples);
    dataset.clients = make_clients(
        std::move(rows), settings, settings.clients > 0 ? settings.clients : published_clients,
        settings.split == federated::Split::by_dataset ? federated::Split::iid : settings.split);
    return dataset;
}

}  // namespace fed_llm
