#pragma once

#include <cstdint>
#include <span>

#include "data/example.hpp"
#include "federation/progress.hpp"
#include "model/llama.hpp"
#include "run/metrics.hpp"
#include "text/tokenizer.hpp"

namespace fed_llm {

/// Answers the prompts by greedy generation and compares the answers with the references.
/// Throws: what `observe` throws.
AnswerRecord answer(Llama& model, const Tokenizer& tokenizer, std::span<const Example> examples,
                    std::int64_t max_new_tokens, std::int64_t round,
                    const ProgressObserver& observe);

}  // namespace fed_llm
