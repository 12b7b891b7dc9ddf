#pragma once

#include <cstdint>
#include <span>

#include "fed_llm/data/example.hpp"
#include "fed_llm/model/llama.hpp"

namespace fed_llm {

/// Seconds that answering all the examples takes if every answer is as long as it may be: measured on
/// a few tokens for the example in the middle by length. 0 without examples.
/// Cost: two prompts and a dozen tokens.
double estimate_answer_seconds(Llama& model, std::span<const Example> examples,
                               std::int64_t max_new_tokens);

}  // namespace fed_llm
