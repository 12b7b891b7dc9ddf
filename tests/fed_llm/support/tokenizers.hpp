#pragma once

#include <filesystem>

#include "text/prompt.hpp"
#include "text/sentencepiece_tokenizer.hpp"

/// Trained on a prompt and little else; its byte tokens encode any text.
inline const fed_llm::Tokenizer& small_tokenizer() {
    static const fed_llm::Tokenizer trained = fed_llm::train_tokenizer(
        {fed_llm::alpaca_prompt("Do it.", "input 0123456789"), "output 1"}, 320);
    return trained;
}

/// The tokenizer of stories260K, for tests of the suite "shared".
inline const fed_llm::Tokenizer& stories_tokenizer() {
    static const fed_llm::Tokenizer stories(std::filesystem::path(FERRET_SHARED_DIR) /
                                            "models/stories260K");
    return stories;
}
