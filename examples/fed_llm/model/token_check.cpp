#include "fed_llm/model/token_check.hpp"

#include <stdexcept>
#include <string>

namespace fed_llm {

void check_tokens(std::span<const std::int64_t> tokens, const LlamaConfig& config) {
    if (tokens.empty() || tokens.size() > static_cast<std::size_t>(config.max_positions())) {
        throw std::invalid_argument("tokens: expected 1.." +
                                    std::to_string(config.max_positions()) +
                                    " (max_position_embeddings, stretched by rope_scaling), got " +
                                    std::to_string(tokens.size()));
    }
    for (const std::int64_t token : tokens) {
        if (token < 0 || token >= config.vocab_size) {
            throw std::invalid_argument("token: expected one below vocab_size " +
                                        std::to_string(config.vocab_size) + ", got " +
                                        std::to_string(token));
        }
    }
}

}  // namespace fed_llm
