#include "run/answers.hpp"

#include <vector>

#include "federation/stopwatch.hpp"
#include "model/generate.hpp"
#include "text/rouge.hpp"

namespace fed_llm {

AnswerRecord answer(Llama& model, const Tokenizer& tokenizer, std::span<const Example> examples,
                    std::int64_t max_new_tokens, std::int64_t round,
                    const ProgressObserver& observe) {
    AnswerRecord record{.round = round, .examples = static_cast<std::int64_t>(examples.size())};
    Stopwatch watch;
    double sum = 0.0;
    std::int64_t done = 0;
    for (const Example& example : examples) {
        const auto prompt_end =
            example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length);
        const std::vector<std::int64_t> prompt(example.tokens.begin(), prompt_end);
        const auto answer = generate_greedy(model, prompt, max_new_tokens);
        sum += rouge_l_f1(tokenizer.decode(answer), example.reference);
        observe({.phase = Progress::Phase::generation,
                 .round = round,
                 .done = ++done,
                 .total = record.examples});
    }
    if (!examples.empty()) record.rouge_l = sum / static_cast<double>(examples.size());
    record.seconds = watch.lap();
    return record;
}

}  // namespace fed_llm
