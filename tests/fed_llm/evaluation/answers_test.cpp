#include "fed_llm/evaluation/answers.hpp"

#include <algorithm>
#include <cmath>

#include "fed_llm/model/generate.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "fed_llm/text/final_number.hpp"
#include "fed_llm/text/rouge.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "support/doctest.hpp"

using namespace hugging_face;
using namespace federated;
using namespace fed_llm;

TEST_CASE("answers are scored against their references") {
    const Tokenizer tokenizer = train_tokenizer({"one two three four five", "five four"}, 290);
    LlamaConfig config = tiny_config();
    config.vocab_size = tokenizer.vocab_size();
    Llama model = tiny_model(config);
    std::vector<Example> examples = {make_example(tokenizer, "one two", "three"),
                                     make_example(tokenizer, "five", "four")};

    // With a word before what the model says as reference.
    std::int64_t told = 0;
    double expected = 0.0;
    for (Example& example : examples) {
        const std::vector<std::int64_t> prompt(
            example.tokens.begin(),
            example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length));
        const std::string said = tokenizer.decode(generate_greedy(model, prompt, {}, 6));
        example.reference = "word " + said;
        expected += rouge_l_f1(said, example.reference) / 2.0;
    }
    const auto observe = [&](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::generation);
        CHECK(progress.done == ++told);
        CHECK(progress.total == 2);
    };
    const AnswerRecord good =
        answer(model, tokenizer, examples, {.max_new_tokens = 6, .round = 4}, observe);
    CHECK(good.round == 4);
    CHECK(good.examples == 2);
    CHECK(told == 2);
    REQUIRE(good.metrics.size() == 1);
    CHECK(good.metrics[0].name == "rouge_l");
    CHECK(good.metrics[0].value == doctest::Approx(expected).epsilon(1e-12));
    CHECK(good.metrics[0].value > 0.0);

    for (Example& example : examples) example.reference = "something else";
    const AnswerRecord bad =
        answer(model, tokenizer, examples, {.max_new_tokens = 6}, [](const Progress&) {});
    CHECK(metric_of(bad.metrics, "rouge_l") == 0.0);
}

TEST_CASE("final numbers are compared where asked for") {
    const Tokenizer tokenizer = train_tokenizer({"1 2 3 4 5 6 7 8 9 0 12 34 56 78 90"}, 290);
    LlamaConfig config = tiny_config();
    config.vocab_size = tokenizer.vocab_size();
    Llama model = tiny_model(config);
    const AnswerSettings settings{.max_new_tokens = 12, .final_numbers = true};
    const auto exact_match = [&](const std::vector<Example>& examples,
                                 const AnswerSettings& chosen) {
        const AnswerRecord answers =
            answer(model, tokenizer, examples, chosen, [](const Progress&) {});
        return metric_of(answers.metrics, "exact_match");
    };

    std::vector<Example> right;
    std::vector<Example> wrong;
    for (int prompt = 0; prompt < 20; ++prompt) {
        Example example = make_example(tokenizer, std::to_string(prompt), "");
        const std::vector<std::int64_t> tokens(
            example.tokens.begin(),
            example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length));
        const auto said = final_number(tokenizer.decode(generate_greedy(model, tokens, {}, 12)));
        // Answers without a number match no reference, not even one without a number.
        example.reference = said ? "#### " + *said : "none";
        (said ? right : wrong).push_back(example);
        example.reference += "5";
        wrong.push_back(example);
    }
    REQUIRE(!right.empty());
    CHECK(exact_match(right, settings) == 1.0);
    CHECK(exact_match(wrong, settings) == 0.0);
    CHECK(std::isnan(exact_match(right, {.max_new_tokens = 12})));
}

TEST_CASE("an answer ends at any of the tokens that end it") {
    const Tokenizer tokenizer = train_tokenizer({"one two three four five", "five four"}, 290);
    LlamaConfig config = tiny_config();
    config.vocab_size = tokenizer.vocab_size();
    Llama model = tiny_model(config);
    std::vector<Example> examples{make_example(tokenizer, "one two", "three")};
    const std::vector<std::int64_t> prompt(
        examples[0].tokens.begin(),
        examples[0].tokens.begin() + static_cast<std::ptrdiff_t>(examples[0].prompt_length));
    const std::vector<std::int64_t> said = generate_greedy(model, prompt, {}, 8);
    // The first token that differs from the first of all ends the answer.
    const auto end = std::find_if(said.begin(), said.end(),
                                  [&](std::int64_t token) { return token != said.front(); });
    REQUIRE(end != said.end());
    const std::string whole = tokenizer.decode(said);
    const std::string wanted = tokenizer.decode(std::vector<std::int64_t>(said.begin(), end));
    examples[0].reference = "word " + whole;
    const auto score = [&](const std::vector<std::int64_t>& ends) {
        const AnswerSettings settings{.end_tokens = ends, .max_new_tokens = 8};
        const AnswerRecord answers =
            answer(model, tokenizer, examples, settings, [](const Progress&) {});
        return metric_of(answers.metrics, "rouge_l");
    };
    CHECK(score({}) == doctest::Approx(rouge_l_f1(whole, examples[0].reference)).epsilon(1e-12));
    const std::int64_t never = tokenizer.bos().value();
    CHECK(score({never, *end}) ==
          doctest::Approx(rouge_l_f1(wanted, examples[0].reference)).epsilon(1e-12));
    CHECK(score({}) > score({never, *end}));
}
