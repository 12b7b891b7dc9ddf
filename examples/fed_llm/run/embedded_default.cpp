#include "run/embedded_default.hpp"

#include <cstdint>
#include <system_error>
#include <vector>

#include "data/natural_instructions.hpp"
#include "data/sampling.hpp"
#include "data/synthetic.hpp"
#include "federation/local_training.hpp"
#include "file/file.hpp"
#include "file/file_error.hpp"
#include "model/hugging_face.hpp"
#include "text/tokenizer.hpp"

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
    config.bos_token_id = tokenizer.bos();
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

void make(const std::filesystem::path& folder, const ProgressObserver& observe) {
    write_synthetic_tasks(folder / "data", embedded_seed, instances_per_task);
    const Tokenizer tokenizer =
        train_tokenizer(read_training_texts(folder / "data"), vocabulary_size);
    const std::vector<Example> examples =
        prompts(load_natural_instructions(folder / "data", tokenizer, max_length, embedded_seed));

    Llama model(small_llama(tokenizer));
    initialize(model, embedded_seed);
    TrainableModel tuned = trainable(model);
    const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
        observe({.phase = Progress::Phase::warm_up, .done = step, .total = steps, .loss = loss});
    };
    train_locally(tuned, examples, warm_up,
                  DataOrder(examples.size(), named_generator(embedded_seed, "warm-up")), on_step);
    save_llama(model, folder / "model");
    tokenizer.save(folder / "model" / "tokenizer.model");
}

}  // namespace

EmbeddedDefault prepare_embedded_default(const std::filesystem::path& folder,
                                         const ProgressObserver& observe) {
    if (!std::filesystem::exists(folder)) {
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
    return {folder / "model", folder / "data"};
}

}  // namespace fed_llm
