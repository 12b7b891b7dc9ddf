#include "data/load_dataset.hpp"

#include <stdexcept>

#include "data/code_alpaca.hpp"
#include "data/dolly.hpp"
#include "data/gsm8k.hpp"
#include "data/jsonl.hpp"
#include "data/natural_instructions.hpp"

namespace fed_llm {
namespace {

FederatedDataset load_tasks(const DatasetSettings& settings, const Tokenizer& tokenizer) {
    if (settings.clients != 0 || settings.split != Split::by_dataset) {
        throw std::invalid_argument(
            "natural-instructions: its tasks are its clients; expected clients 0 and split auto");
    }
    return load_natural_instructions(settings.path, tokenizer, settings.max_length, settings.seed);
}

struct Loader {
    const char* name;
    FederatedDataset (*load)(const DatasetSettings&, const Tokenizer&);
};

constexpr Loader loaders[] = {{"natural-instructions", load_tasks},
                              {"dolly", load_dolly},
                              {"code-alpaca", load_code_alpaca},
                              {"gsm8k", load_gsm8k},
                              {"jsonl", load_jsonl}};

void expect_examples(const DatasetSettings& settings, const char* kind, bool some,
                     std::size_t too_long) {
    if (some) return;
    throw std::invalid_argument(settings.name + ": expected " + kind + " examples of at most " +
                                std::to_string(settings.max_length) +
                                " tokens (max-length), got none; " + std::to_string(too_long) +
                                " are longer");
}

}  // namespace

const std::vector<std::string>& dataset_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const Loader& loader : loaders) list.emplace_back(loader.name);
        return list;
    }();
    return names;
}

FederatedDataset load_dataset(const DatasetSettings& settings, const Tokenizer& tokenizer) {
    if (settings.max_length < 1) {
        throw std::invalid_argument("max_length: expected a positive number, got " +
                                    std::to_string(settings.max_length));
    }
    for (const Loader& loader : loaders) {
        if (settings.name != loader.name) continue;
        FederatedDataset dataset = loader.load(settings, tokenizer);
        expect_examples(settings, "training", !dataset.clients.empty(),
                        dataset.dropped.long_train_instances);
        expect_examples(settings, "test", !dataset.test.empty(),
                        dataset.dropped.long_test_instances);
        return dataset;
    }
    throw std::invalid_argument("dataset: expected one of the known names, got '" + settings.name +
                                "'");
}

}  // namespace fed_llm
