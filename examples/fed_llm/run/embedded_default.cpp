#include "run/embedded_default.hpp"

#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "data/natural_instructions.hpp"
#include "data/sampling.hpp"
#include "data/synthetic.hpp"
#include "federation/local_training.hpp"
#include "file/file.hpp"
#include "file/file_error.hpp"
#include "model/hugging_face.hpp"
#include "text/sentencepiece_tokenizer.hpp"

namespace fed_llm {
namespace {

constexpr std::uint64_t embedded_seed = 20240910;
constexpr std::int64_t vocabulary_size = 512;
constexpr std::size_t instances_per_task = 500;
constexpr std::int64_t max_length = 256;
constexpr LocalTraining warm_up{.steps = 250,
                                .accumulate = 1,
                                .batch_size = 8,
                                .optimizer = OptimizerKind::adamw,
                                .learning_rate = 3e-3};

LlamaConfig small_llama(const Tokenizer& tokenizer) {
    LlamaConfig config;
    config.hidden_size = 96;
    config.intermediate_size = 256;
    config.num_hidden_layers = 4;
    config.num_attention_heads = 6;
    config.num_key_value_heads = 6;
    config.vocab_size = tokenizer.vocab_size();
    config.max_position_embeddings = max_length + 128;
    config.tie_word_embeddings = true;
    config.bos_token_id = tokenizer.bos().value();
    config.eos_token_id = tokenizer.eos();
    return config;
}

/// The prompts of all clients, to be learnt whole.
std::vector<Example> prompts(const FederatedDataset& dataset) {
    std::vector<Example> result;
    for (const Client& client : dataset.clients) {
        for (Example example : client.examples) {
            example.tokens.resize(example.prompt_length);
            example.prompt_length = 1;
            result.push_back(std::move(example));
        }
    }
    return result;
}

/// The data, and the model before its warm-up.
struct Untrained {
    Tokenizer tokenizer;
    Llama model;
};

Untrained make_untrained(const std::filesystem::path& folder) {
    write_synthetic_tasks(folder / "data", embedded_seed, instances_per_task);
    Tokenizer tokenizer = train_tokenizer(read_training_texts(folder / "data"), vocabulary_size);
    Llama model(small_llama(tokenizer));
    initialize(model, embedded_seed);
    return {std::move(tokenizer), std::move(model)};
}

void save(const Untrained& made, const std::filesystem::path& folder) {
    save_llama(made.model, folder / "model");
    made.tokenizer.save(folder / "model");
}

void make(const std::filesystem::path& folder, const ProgressObserver& observe) {
    const Untrained made = make_untrained(folder);
    const std::vector<Example> examples = prompts(
        load_natural_instructions(folder / "data", made.tokenizer, max_length, embedded_seed));
    TrainableModel tuned = trainable(made.model);
    const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
        observe({.phase = Progress::Phase::warm_up, .done = step, .total = steps, .loss = loss});
    };
    train_locally(tuned, examples, warm_up,
                  DataOrder(examples.size(), named_generator(embedded_seed, "warm-up")), on_step);
    save(made, folder);
}

EmbeddedDefault parts_of(const std::filesystem::path& folder) {
    return {folder / "model", folder / "data"};
}

}  // namespace

bool has_embedded_default(const std::filesystem::path& folder) {
    return std::filesystem::exists(folder / "model" / "config.json");
}

EmbeddedDefault prepare_embedded_default(const std::filesystem::path& folder,
                                         const ProgressObserver& observe) {
    if (!has_embedded_default(folder)) {
        if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
            throw FileError(folder, "folder", "an embedded default or nothing", "other files");
        }
        std::filesystem::path unfinished = folder;
        unfinished += ".unfinished";
        std::error_code error;
        std::filesystem::remove_all(unfinished, error);
        create_folder(unfinished / "model");
        try {
            make(unfinished, observe);
            std::filesystem::rename(unfinished, folder, error);
            if (error) throw FileError(folder, "folder", "a writable place", error.message());
        } catch (...) {
            std::filesystem::remove_all(unfinished, error);
            throw;
        }
    }
    return parts_of(folder);
}

EmbeddedDefault prepare_untrained_default(const std::filesystem::path& folder) {
    save(make_untrained(folder), folder);
    return parts_of(folder);
}

}  // namespace fed_llm
