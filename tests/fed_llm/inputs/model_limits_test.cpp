#include "fed_llm/inputs/model_limits.hpp"

#include <stdexcept>
#include <string>

#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

LlamaConfig config() {
    LlamaConfig result = tiny_config();
    result.vocab_size = 100;
    result.max_position_embeddings = 64;
    return result;
}

Example example(std::vector<std::int64_t> tokens, std::size_t prompt_length) {
    return {std::move(tokens), prompt_length, "Once"};
}

}  // namespace

TEST_CASE("the length limit is the model's positions where these are fewer") {
    DatasetSettings settings;
    settings.max_length = 64;
    CHECK_FALSE(limit_to_positions(settings, config()));
    CHECK(settings.max_length == 64);
    CHECK(settings.max_length_by == "--max-length");
    settings.max_length = 65;
    const auto warning = limit_to_positions(settings, config());
    CHECK(warning ==
          "examples of more than 64 tokens are left out: the model has no more positions "
          "(max_position_embeddings), though --max-length is 65");
    CHECK(settings.max_length == 64);
    CHECK(settings.max_length_by == "max_position_embeddings");
}

TEST_CASE("a token that the model does not have is found in any client and in the test set") {
    FederatedDataset dataset;
    dataset.clients = {{.name = "a", .examples = {example({0, 99}, 1)}, .categories = {}},
                       {.name = "b", .examples = {example({1}, 1)}, .categories = {}}};
    dataset.test = {example({2}, 1)};
    CHECK_NOTHROW(expect_known_tokens(dataset, config()));
    const auto message = [](const FederatedDataset& some) -> std::string {
        try {
            expect_known_tokens(some, config());
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "no error";
    };
    const std::string start =
        "--model: expected a tokenizer with tokens below vocab_size 100 (config.json), got token ";
    FederatedDataset client = dataset;
    client.clients[1].examples.push_back(example({5, 100}, 1));
    CHECK(message(client) == start + "100 in client 'b', example 2, which is to answer \"Once\"");
    FederatedDataset test = dataset;
    test.test[0].tokens[0] = -1;
    CHECK(message(test) == start + "-1 in the test set, example 1, which is to answer \"Once\"");
}

TEST_CASE("prompts that leave too little room for an answer are told") {
    const std::vector<Example> prompts{example({}, 32), example({}, 33), example({}, 64)};
    CHECK_FALSE(warn_of_short_answers({prompts.data(), 1}, 32, config()));
    CHECK(warn_of_short_answers(prompts, 32, config()) ==
          "the answers to 2 of 3 prompts end at the model's 64 positions "
          "(max_position_embeddings), before --max-new-tokens 32");
    CHECK(warn_of_short_answers(prompts, 1'000'000, config()));
    CHECK_FALSE(warn_of_short_answers({}, 32, config()));
}
