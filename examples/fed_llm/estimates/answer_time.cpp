#include "fed_llm/estimates/answer_time.hpp"

#include <algorithm>
#include <vector>

#include "fed_llm/model/generate.hpp"
#include "federated/round/stopwatch.hpp"

namespace fed_llm {
namespace {

constexpr std::int64_t tokens_measured = 12;

const Example& middle_by_length(std::span<const Example> examples) {
    std::vector<const Example*> sorted;
    for (const Example& example : examples) sorted.push_back(&example);
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end(), [](const Example* a, const Example* b) {
        return a->prompt_length < b->prompt_length;
    });
    return **middle;
}

}  // namespace

double estimate_answer_seconds(Llama& model, std::span<const Example> examples,
                               std::int64_t max_new_tokens) {
    if (examples.empty()) return 0.0;
    const Example& example = middle_by_length(examples);
    const std::vector<std::int64_t> prompt(
        example.tokens.begin(),
        example.tokens.begin() + static_cast<std::ptrdiff_t>(example.prompt_length));
    generate_greedy(model, prompt, {}, 1);  // LibTorch's first call of a kind takes longer
    federated::Stopwatch watch;
    generate_greedy(model, prompt, {}, 1);
    const double of_prompt = watch.lap();
    const auto tokens =
        generate_greedy(model, prompt, {}, std::min(tokens_measured, max_new_tokens));
    const double of_tokens = std::max(0.0, watch.lap() - of_prompt);
    const double per_token =
        tokens.size() > 1 ? of_tokens / static_cast<double>(tokens.size() - 1) : 0.0;
    return static_cast<double>(examples.size()) *
           (of_prompt + per_token * static_cast<double>(max_new_tokens - 1));
}

}  // namespace fed_llm
