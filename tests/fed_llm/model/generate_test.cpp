#include "model/generate.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/hugging_face.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"
#include "text/tokenizer.hpp"

using namespace fed_llm;

namespace {

using Tokens = std::vector<std::int64_t>;

/// Reads everything again for every token.
Tokens generate_without_cache(Llama& model, const Tokens& prompt, std::size_t count) {
    const torch::NoGradGuard no_grad;
    Tokens all = prompt;
    while (all.size() < prompt.size() + count) {
        const auto logits = model->forward(torch::tensor(all, torch::kInt64).unsqueeze(0));
        all.push_back(logits[0][-1].argmax().item<std::int64_t>());
    }
    return {all.begin() + static_cast<std::ptrdiff_t>(prompt.size()), all.end()};
}

}  // namespace

TEST_CASE("greedy generation with the cache is generation without it") {
    LlamaConfig config = tiny_config();
    config.eos_token_id = -1;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Llama model = tiny_model(config, seed);
        const Tokens generated = generate_greedy(model, {1, 5, 9}, 20);
        CHECK(generated == generate_without_cache(model, {1, 5, 9}, 20));
        CHECK(model->parameters()[0].requires_grad());
    }
}

TEST_CASE("generation stops before the end-of-sequence token") {
    LlamaConfig config = tiny_config();
    config.eos_token_id = -1;
    Llama endless = tiny_model(config);
    const Tokens generated = generate_greedy(endless, {1, 5, 9}, 20);
    config.eos_token_id = generated[4];
    Llama model = tiny_model(config);
    const auto first = std::find(generated.begin(), generated.end(), generated[4]);
    CHECK(generate_greedy(model, {1, 5, 9}, 20) == Tokens(generated.begin(), first));

    config.more_eos_token_ids = {generated[2]};
    Llama several = tiny_model(config);
    const auto earliest = std::find_if(generated.begin(), generated.end(), [&](std::int64_t token) {
        return token == generated[2] || token == generated[4];
    });
    CHECK(generate_greedy(several, {1, 5, 9}, 20) == Tokens(generated.begin(), earliest));
}

TEST_CASE("generation stops at the end of the context and at the number asked for") {
    LlamaConfig config = tiny_config();
    config.eos_token_id = -1;
    Llama model = tiny_model(config);
    CHECK(generate_greedy(model, Tokens(30, 3), 100).size() == 2);
    CHECK(generate_greedy(model, Tokens(32, 3), 100).empty());
    CHECK(generate_greedy(model, {3}, 5).size() == 5);
    CHECK(generate_greedy(model, {3}, 0).empty());
    CHECK(generate_greedy(model, {3}, -1).empty());
}

TEST_CASE("prompts that the model cannot read are refused") {
    Llama model = tiny_model(tiny_config());
    CHECK_THROWS_AS(generate_greedy(model, {}, 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, Tokens(33, 3), 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, {37}, 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, {-1}, 5), std::invalid_argument);
}

TEST_SUITE("shared") {
    TEST_CASE("stories260K continues its story") {
        const auto folder = std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K";
        Llama model = load_llama(folder);
        const Tokenizer tokenizer(folder);
        Tokens prompt = tokenizer.encode("Once upon a time");
        prompt.insert(prompt.begin(), tokenizer.bos().value());
        const std::string expected =
            ", there was a little girl named Lily. She loved to play outside in the park. One day, "
            "she saw a big, red ball.";
        const Tokens generated = generate_greedy(model, prompt, 60);
        CHECK(tokenizer.decode(generated).substr(0, expected.size()) == expected);
        CHECK(generated == generate_without_cache(model, prompt, 60));
    }
}
