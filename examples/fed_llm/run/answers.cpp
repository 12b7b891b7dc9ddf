#include "run/answers.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "federation/stopwatch.hpp"
#include "model/generate.hpp"
#include "text/final_number.hpp"
#include "text/rouge.hpp"

namespace fed_llm {

AnswerRecord answer(Llama& model, const Tokenizer& tokenizer, std::span<const Example> examples,
                    const AnswerSettings& settings, const ProgressObserver& observe) {
    AnswerRecord record{.round = settings.round,
                        .examples = static_cast<std::int64_t>(examples.size())};
    Stopwatch watch;
    double rouge = 0.0;
    double matches = 0.0;
    std::int64_t done = 0;
    for (const Example& example : examples) {
        const auto prompt_end =
            example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length);
        const std::vector<std::int64_t> prompt(example.tokens.begin(), prompt_end);
        const std::string answer = tokenizer.decode(
            generate_greedy(model, prompt, settings.end_tokens, settings.max_new_tokens));
        rouge += rouge_l_f1(answer, example.reference);
        const auto number = final_number(answer);
        if (number && number == final_number(example.reference)) matches += 1.0;
        observe({.phase = Progress::Phase::generation,
                 .round = settings.round,
                 .done = ++done,
                 .total = record.examples});
    }
    const auto count = static_cast<double>(std::max<std::size_t>(examples.size(), 1));
    record.rouge_l = rouge / count;
    if (settings.final_numbers) record.exact_match = matches / count;
    record.seconds = watch.lap();
    return record;
}

}  // namespace fed_llm
