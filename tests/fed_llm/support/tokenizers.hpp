#pragma once

#include <filesystem>

#include "fed_llm/text/prompt.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"

/// Trained on a prompt and little else; its byte tokens encode any text.
inline const hugging_face::Tokenizer& small_tokenizer() {
    static const hugging_face::Tokenizer trained = hugging_face::train_tokenizer(
        {fed_llm::alpaca_prompt("Do it.", "input 0123456789"), "output 1"}, 320);
    return trained;
}

/// The tokenizer of stories260K, for tests of the suite "shared".
inline const hugging_face::Tokenizer& stories_tokenizer() {
    static const hugging_face::Tokenizer stories(std::filesystem::path(FERRET_SHARED_DIR) /
                                                 "models/stories260K");
    return stories;
}
