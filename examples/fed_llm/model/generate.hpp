#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fed_llm/model/llama.hpp"

namespace fed_llm {

/// The likeliest token, again and again, with a key/value cache. Returns the new tokens alone; one of
/// `end_tokens` stops it and is not among them. It stops, too, where prompt and new tokens fill
/// config.max_positions().
/// Throws: std::invalid_argument for an empty prompt, one longer than config.max_positions(), or a
/// token outside the vocabulary.
std::vector<std::int64_t> generate_greedy(Llama& model, const std::vector<std::int64_t>& prompt,
                                          std::span<const std::int64_t> end_tokens,
                                          std::int64_t max_new_tokens);

}  // namespace fed_llm
