#include "run/answers.hpp"

#include "model/generate.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"

using namespace fed_llm;

TEST_CASE("answers are scored against their references") {
    const Tokenizer tokenizer = train_tokenizer({"one two three four five", "five four"}, 290);
    LlamaConfig config = tiny_config();
    config.vocab_size = tokenizer.vocab_size();
    Llama model = tiny_model(config);
    std::vector<Example> examples = {make_example(tokenizer, "one two", "three"),
                                     make_example(tokenizer, "five", "four")};

    // With what the model says as reference, every answer is right.
    std::int64_t told = 0;
    for (Example& example : examples) {
        const std::vector<std::int64_t> prompt(
            example.tokens.begin(),
            example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length));
        example.reference = "word " + tokenizer.decode(generate_greedy(model, prompt, 6));
    }
    const auto observe = [&](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::generation);
        CHECK(progress.done == ++told);
        CHECK(progress.total == 2);
    };
    const AnswerRecord good = answer(model, tokenizer, examples, 6, 4, observe);
    CHECK(good.round == 4);
    CHECK(good.examples == 2);
    CHECK(told == 2);
    CHECK(good.rouge_l > 0.0);

    for (Example& example : examples) example.reference = "something else";
    CHECK(answer(model, tokenizer, examples, 6, 4, [](const Progress&) {}).rouge_l == 0.0);
}
