#include "fed_llm/evaluation/answers.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fed_llm/model/generate.hpp"
#include "fed_llm/text/final_number.hpp"
#include "fed_llm/text/rouge.hpp"
#include "federated/round/stopwatch.hpp"

namespace fed_llm {

federated::AnswerRecord answer(Llama& model, const hugging_face::Tokenizer& tokenizer,
                               std::span<const Example> examples, const AnswerSettings& settings,
                               const federated::ProgressObserver& observe) {
    federated::AnswerRecord record{.round = settings.round,
                                   .examples = static_cast<std::int64_t>(examples.size())};
    federated::Stopwatch watch;
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
        observe({.phase = federated::Progress::Phase::generation,
                 .round = settings.round,
                 .done = ++done,
                 .total = record.examples});
    }
    const auto count = static_cast<double>(std::max<std::size_t>(examples.size(), 1));
    record.metrics.push_back({"rouge_l", rouge / count});
    if (settings.final_numbers) record.metrics.push_back({"exact_match", matches / count});
    record.seconds = watch.lap();
    return record;
}

}  // namespace fed_llm
