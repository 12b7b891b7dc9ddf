#pragma once

#include <cstdint>
#include <vector>

#include "model/llama.hpp"

namespace fed_llm {

/// The likeliest token, again and again, with a key/value cache. Returns the new tokens alone; an
/// end-of-sequence token stops it and is not among them. It stops, too, where prompt and new tokens
/// fill config.max_positions().
/// Throws: std::invalid_argument for an empty prompt, one longer than config.max_positions(), or a
/// token outside the vocabulary.
std::vector<std::int64_t> generate_greedy(Llama& model, const std::vector<std::int64_t>& prompt,
                                          std::int64_t max_new_tokens);

}  // namespace fed_llm
