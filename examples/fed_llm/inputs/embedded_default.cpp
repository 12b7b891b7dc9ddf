#include "fed_llm/inputs/embedded_default.hpp"

#include <cstdint>
#include <utility>

#include "fed_llm/data/natural_instructions.hpp"
#include "fed_llm/data/synthetic.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/model/trainable_llama.hpp"
#include "federated/algorithm/local_training.hpp"
#include "federated/round/sampling.hpp"
#include "federated/store/make_once.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"

namespace fed_llm {
namespace {

constexpr std::uint64_t embedded_seed = 20240910;
constexpr std::int64_t vocabulary_size = 512;
constexpr std::size_t instances_per_task = 500;
constexpr std::int64_t max_length = 256;
constexpr federated::LocalTraining warm_up{.steps = 250,
                                           .accumulate = 1,
                                           .batch_size = 8,
                                           .optimizer = federated::OptimizerKind::adamw,
                                           .learning_rate = 3e-3};

LlamaConfig small_llama(const hugging_face::Tokenizer& tokenizer) {
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

/// The prompts of all clients, to be learnt whole, as one client's.
Client prompts(const FederatedDataset& dataset) {
    Client all;
    for (const Client& client : dataset.clients) {
        for (Example example : client.examples) {
            example.tokens.resize(example.prompt_length);
            example.prompt_length = 1;
            all.examples.push_back(std::move(example));
        }
    }
    return all;
}

/// The data, and the model before its warm-up.
struct Untrained {
    hugging_face::Tokenizer tokenizer;
    Llama model;
};

Untrained make_untrained(const std::filesystem::path& folder) {
    write_synthetic_tasks(folder / "data", embedded_seed, instances_per_task);
    hugging_face::Tokenizer tokenizer =
        hugging_face::train_tokenizer(read_training_texts(folder / "data"), vocabulary_size);
    Llama model(small_llama(tokenizer));
    initialize(model, embedded_seed);
    return {std::move(tokenizer), std::move(model)};
}

void save(const Untrained& made, const std::filesystem::path& folder) {
    save_llama(made.model, folder / "model");
    made.tokenizer.save(folder / "model");
}

void make(const std::filesystem::path& folder, const federated::ProgressObserver& observe) {
    const Untrained made = make_untrained(folder);
    const Client all = prompts(
        load_natural_instructions(folder / "data", made.tokenizer, max_length, embedded_seed));
    federated::TrainableModel tuned = trainable(made.model, std::span(&all, 1));
    const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
        observe({.phase = federated::Progress::Phase::warm_up,
                 .done = step,
                 .total = steps,
                 .loss = loss});
    };
    federated::train_locally(
        tuned, 0, warm_up,
        federated::DataOrder(all.examples.size(),
                             federated::named_generator(embedded_seed, "warm-up")),
        on_step);
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
                                         const federated::ProgressObserver& observe) {
    federated::make_once(
        folder,
        {.what = "an embedded default",
         .is_made = has_embedded_default,
         .make = [&](const std::filesystem::path& unfinished) { make(unfinished, observe); }},
        observe);
    return parts_of(folder);
}

EmbeddedDefault prepare_untrained_default(const std::filesystem::path& folder) {
    save(make_untrained(folder), folder);
    return parts_of(folder);
}

}  // namespace fed_llm
