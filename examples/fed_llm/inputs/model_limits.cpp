#include "fed_llm/inputs/model_limits.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "files/file.hpp"

namespace fed_llm {
namespace {

void expect_known_tokens(const std::vector<Example>& examples, const std::string& whose,
                         std::int64_t vocab_size) {
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const std::vector<std::int64_t>& tokens = examples[i].tokens;
        const auto unknown = std::find_if(tokens.begin(), tokens.end(), [&](std::int64_t token) {
            return token < 0 || token >= vocab_size;
        });
        if (unknown == tokens.end()) continue;
        throw std::invalid_argument("--model: expected a tokenizer with tokens below vocab_size " +
                                    std::to_string(vocab_size) + " (config.json), got token " +
                                    std::to_string(*unknown) + " in " + whose + ", example " +
                                    std::to_string(i + 1) + ", which is to answer " +
                                    files::describe(examples[i].reference));
    }
}

}  // namespace

std::optional<std::string> limit_to_positions(DatasetSettings& settings,
                                              const LlamaConfig& config) {
    const std::int64_t positions = config.max_positions();
    if (settings.max_length <= positions) return std::nullopt;
    const std::string text =
        "examples of more than " + std::to_string(positions) +
        " tokens are left out: the model has no more positions (max_position_embeddings), though " +
        settings.max_length_by + " is " + std::to_string(settings.max_length);
    settings.max_length = positions;
    settings.max_length_by = "max_position_embeddings";
    return text;
}

void expect_known_tokens(const FederatedDataset& dataset, const LlamaConfig& config) {
    for (const Client& client : dataset.clients) {
        expect_known_tokens(client.examples, "client '" + client.name + "'", config.vocab_size);
    }
    expect_known_tokens(dataset.test, "the test set", config.vocab_size);
}

std::optional<std::string> warn_of_short_answers(std::span<const Example> prompts,
                                                 std::int64_t max_new_tokens,
                                                 const LlamaConfig& config) {
    const std::int64_t positions = config.max_positions();
    const auto count = std::count_if(prompts.begin(), prompts.end(), [&](const Example& example) {
        return static_cast<std::int64_t>(example.prompt_length) > positions - max_new_tokens;
    });
    if (count == 0) return std::nullopt;
    return "the answers to " + std::to_string(count) + " of " + std::to_string(prompts.size()) +
           " prompts end at the model's " + std::to_string(positions) +
           " positions (max_position_embeddings), before --max-new-tokens " +
           std::to_string(max_new_tokens);
}

}  // namespace fed_llm
