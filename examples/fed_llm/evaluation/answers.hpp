#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fed_llm/data/example.hpp"
#include "fed_llm/model/llama.hpp"
#include "federated/round/progress.hpp"
#include "federated/store/metrics.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

struct AnswerSettings {
    std::vector<std::int64_t> end_tokens = {};  ///< each ends an answer
    std::int64_t max_new_tokens = 128;
    std::int64_t round = 0;      ///< after which the model answers
    bool final_numbers = false;  ///< compare final_number of answer and reference, too
};

/// Answers the prompts by greedy generation and compares the answers with the references: rouge_l, the
/// mean Rouge-L F1 in [0, 1], and where `settings.final_numbers` asks for it exact_match, the share of the
/// answers whose final number is the reference's. An answer without number is wrong.
/// Throws: what `observe` throws.
federated::AnswerRecord answer(Llama& model, const hugging_face::Tokenizer& tokenizer,
                               std::span<const Example> examples, const AnswerSettings& settings,
                               const federated::ProgressObserver& observe);

}  // namespace fed_llm
