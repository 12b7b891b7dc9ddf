#pragma once

#include <cstdint>
#include <span>

#include "fed_llm/model/llama_config.hpp"

namespace fed_llm {

/// Throws: std::invalid_argument where there is no token, more than config.max_positions(), or one
/// outside the vocabulary (which a CUDA device would answer with an abort).
void check_tokens(std::span<const std::int64_t> tokens, const LlamaConfig& config);

}  // namespace fed_llm
