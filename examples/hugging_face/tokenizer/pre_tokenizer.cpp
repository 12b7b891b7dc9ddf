#include "hugging_face/tokenizer/pre_tokenizer.hpp"

#include <utility>

namespace hugging_face {

Regex PreTokenizer::gpt2_words() {
    return Regex(R"('(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
}

std::vector<std::string> PreTokenizer::split(std::string_view text) const {
    std::vector<std::string> pieces{std::string(text)};
    for (const Step& step : steps_) {
        std::vector<std::string> smaller;
        for (std::string& piece : pieces) {
            if (step.prefix_space && !piece.starts_with(' ')) piece.insert(piece.begin(), ' ');
            if (!step.separator) {
                smaller.push_back(std::move(piece));
                continue;
            }
            for (const std::string_view part : step.separator->split(piece)) {
                smaller.emplace_back(part);
            }
        }
        pieces = std::move(smaller);
    }
    return pieces;
}

}  // namespace hugging_face
