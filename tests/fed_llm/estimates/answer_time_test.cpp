#include "fed_llm/estimates/answer_time.hpp"

#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("the time of answers grows with the number of examples") {
    Llama model = tiny_model(tiny_config());
    CHECK(estimate_answer_seconds(model, {}, 8) == 0.0);
    Example example;
    example.tokens = {1, 5, 6, 7, 2};
    example.prompt_length = 3;
    const std::vector<Example> one{example};
    // A million examples alike against one: far beyond what the clock's noise could turn around.
    const std::vector<Example> many(1'000'000, one.front());
    const double short_time = estimate_answer_seconds(model, one, 8);
    CHECK(short_time > 0.0);
    CHECK(estimate_answer_seconds(model, many, 8) > 100.0 * short_time);
}
