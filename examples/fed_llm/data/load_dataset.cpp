#include "fed_llm/data/load_dataset.hpp"

#include <stdexcept>

#include "fed_llm/data/code_alpaca.hpp"
#include "fed_llm/data/dolly.hpp"
#include "fed_llm/data/gsm8k.hpp"
#include "fed_llm/data/jsonl.hpp"
#include "fed_llm/data/natural_instructions.hpp"
#include "fed_llm/data/row_dataset.hpp"
#include "fed_llm/data/task_file.hpp"

namespace fed_llm {
namespace {

FederatedDataset load_tasks(const DatasetSettings& settings,
                            const hugging_face::Tokenizer& tokenizer) {
    if (settings.clients != 0 || settings.split != federated::Split::by_dataset) {
        throw std::invalid_argument(
            "natural-instructions: its tasks are its clients; expected clients 0 and split auto");
    }
    FederatedDataset dataset = load_natural_instructions(
        settings.path, tokenizer, settings.max_length, settings.seed, settings.on_example);
    if (dataset.clients.empty()) {
        throw std::invalid_argument(
            settings.name + ": expected training tasks with " + std::to_string(fewest_instances) +
            " instances or more of at most " + std::to_string(settings.max_length) + " tokens (" +
            settings.max_length_by + "), got fewer in each of the " +
            std::to_string(read_split(settings.path, "train").size()) + " tasks; " +
            std::to_string(dataset.dropped.long_train_instances) + " instances are longer");
    }
    expect_examples(settings, Purpose::test, !dataset.test.empty(),
                    dataset.dropped.long_test_instances);
    return dataset;
}

struct Loader {
    const char* name;
    FederatedDataset (*load)(const DatasetSettings&, const hugging_face::Tokenizer&);
};

constexpr Loader loaders[] = {{"natural-instructions", load_tasks},
                              {"dolly", load_dolly},
                              {"code-alpaca", load_code_alpaca},
                              {"gsm8k", load_gsm8k},
                              {"jsonl", load_jsonl}};

}  // namespace

const std::vector<std::string>& dataset_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const Loader& loader : loaders) list.emplace_back(loader.name);
        return list;
    }();
    return names;
}

FederatedDataset load_dataset(const DatasetSettings& settings,
                              const hugging_face::Tokenizer& tokenizer) {
    if (settings.max_length < 1) {
        throw std::invalid_argument("max_length: expected a positive number, got " +
                                    std::to_string(settings.max_length));
    }
    for (const Loader& loader : loaders) {
        if (settings.name == loader.name) return loader.load(settings, tokenizer);
    }
    throw std::invalid_argument("dataset: expected one of the known names, got '" + settings.name +
                                "'");
}

}  // namespace fed_llm
