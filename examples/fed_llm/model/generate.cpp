#include "fed_llm/model/generate.hpp"

#include <algorithm>

#include "fed_llm/model/token_check.hpp"

namespace fed_llm {

std::vector<std::int64_t> generate_greedy(Llama& model, const std::vector<std::int64_t>& prompt,
                                          std::span<const std::int64_t> end_tokens,
                                          std::int64_t max_new_tokens) {
    const LlamaConfig& config = model->config();
    check_tokens(prompt, config);
    const torch::NoGradGuard no_grad;
    const auto prompt_length = static_cast<std::int64_t>(prompt.size());
    const std::int64_t most = std::min(max_new_tokens, config.max_positions() - prompt_length);
    std::vector<std::int64_t> generated;
    if (most <= 0) return generated;

    KeyValueCache cache(prompt_length + most);
    std::vector<std::int64_t> next = prompt;
    while (static_cast<std::int64_t>(generated.size()) < most) {
        const torch::Tensor tokens = torch::tensor(next, torch::kInt64).unsqueeze(0);
        const torch::Tensor hidden = model->hidden_states(tokens.to(model->device()), &cache);
        const torch::Tensor last = model->logits(hidden.select(1, hidden.size(1) - 1));
        const auto token = last.argmax(-1).item<std::int64_t>();
        if (std::find(end_tokens.begin(), end_tokens.end(), token) != end_tokens.end()) break;
        generated.push_back(token);
        next.assign(1, token);
    }
    return generated;
}

}  // namespace fed_llm
