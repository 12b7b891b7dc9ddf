#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hugging_face/tokenizer/regex.hpp"

namespace hugging_face {

/// Cuts a text into the pieces that byte-pair encoding works on, in steps.
class PreTokenizer {
public:
    struct Step {
        bool prefix_space = false;       ///< a space goes before a piece that begins with none
        std::optional<Regex> separator;  ///< matches and what lies between become pieces
    };

    /// GPT-2's expression: words with the space before them, numbers, signs, English endings.
    static Regex gpt2_words();

    void add(Step step) { steps_.push_back(std::move(step)); }

    /// The text is well-formed UTF-8.
    std::vector<std::string> split(std::string_view text) const;

private:
    std::vector<Step> steps_;
};

}  // namespace hugging_face
