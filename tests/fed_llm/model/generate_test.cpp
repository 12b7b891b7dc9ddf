#include "fed_llm/model/generate.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"
#include "support/doctest.hpp"

using namespace hugging_face;
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
    const LlamaConfig config = tiny_config();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Llama model = tiny_model(config, seed);
        const Tokens generated = generate_greedy(model, {1, 5, 9}, {}, 20);
        CHECK(generated == generate_without_cache(model, {1, 5, 9}, 20));
        CHECK(model->parameters()[0].requires_grad());
    }
}

TEST_CASE("generation stops before a token that ends it") {
    Llama model = tiny_model(tiny_config());
    const Tokens generated = generate_greedy(model, {1, 5, 9}, {}, 20);
    const auto until = [&](const Tokens& ends) {
        return Tokens(generated.begin(), std::find_first_of(generated.begin(), generated.end(),
                                                            ends.begin(), ends.end()));
    };
    for (const Tokens& ends : {Tokens{generated[4]}, Tokens{generated[4], generated[2]}}) {
        CHECK(generate_greedy(model, {1, 5, 9}, ends, 20) == until(ends));
        CHECK(until(ends).size() < 5);
    }
}

TEST_CASE("generation stops at the end of the context and at the number asked for") {
    Llama model = tiny_model(tiny_config());
    CHECK(generate_greedy(model, Tokens(30, 3), {}, 100).size() == 2);
    CHECK(generate_greedy(model, Tokens(32, 3), {}, 100).empty());
    CHECK(generate_greedy(model, {3}, {}, 5).size() == 5);
    CHECK(generate_greedy(model, {3}, {}, 0).empty());
    CHECK(generate_greedy(model, {3}, {}, -1).empty());
}

TEST_CASE("prompts that the model cannot read are refused") {
    Llama model = tiny_model(tiny_config());
    CHECK_THROWS_AS(generate_greedy(model, {}, {}, 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, Tokens(33, 3), {}, 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, {37}, {}, 5), std::invalid_argument);
    CHECK_THROWS_AS(generate_greedy(model, {-1}, {}, 5), std::invalid_argument);
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
        const Tokens generated = generate_greedy(model, prompt, Tokens{tokenizer.eos()}, 60);
        CHECK(tokenizer.decode(generated).substr(0, expected.size()) == expected);
        CHECK(generated == generate_without_cache(model, prompt, 60));
    }
}
