#include "fed_llm/data/example.hpp"

#include <utility>

namespace fed_llm {

Example make_example(const hugging_face::Tokenizer& tokenizer, std::string_view prompt,
                     std::string response) {
    Example example;
    if (const auto bos = tokenizer.bos()) example.tokens.push_back(*bos);
    const std::vector<std::int64_t> prompt_tokens = tokenizer.encode(prompt);
    example.tokens.insert(example.tokens.end(), prompt_tokens.begin(), prompt_tokens.end());
    example.prompt_length = example.tokens.size();
    const std::vector<std::int64_t> response_tokens = tokenizer.encode(response);
    example.tokens.insert(example.tokens.end(), response_tokens.begin(), response_tokens.end());
    example.tokens.push_back(tokenizer.eos());
    example.reference = std::move(response);
    return example;
}

}  // namespace fed_llm
