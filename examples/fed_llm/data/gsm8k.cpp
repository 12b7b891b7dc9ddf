#include "data/gsm8k.hpp"

#include "data/instruction_file.hpp"
#include "data/row_dataset.hpp"

namespace fed_llm {
namespace {

constexpr std::size_t published_clients = 3;

}  // namespace

FederatedDataset load_gsm8k(const DatasetSettings& settings, const Tokenizer& tokenizer) {
    const InstructionFields fields{"question", {}, "answer", {}};
    const auto encode = [&](const char* name, std::size_t& dropped) {
        return encode_rows(read_jsonl_rows(settings.path / name, fields), tokenizer,
                           settings.max_length, "gsm8k", dropped);
    };
    FederatedDataset dataset;
    dataset.final_numbers = true;
    dataset.test = encode("test.jsonl", dataset.dropped.long_test_instances).examples;
    dataset.clients =
        make_clients(encode("train.jsonl", dataset.dropped.long_train_instances), settings,
                     settings.clients > 0 ? settings.clients : published_clients,
                     settings.split == Split::by_dataset ? Split::iid : settings.split);
    return dataset;
}

}  // namespace fed_llm
