#include "hugging_face/tokenizer/added_tokens.hpp"

#include <algorithm>

namespace hugging_face {

void AddedTokens::add(const std::string& text, std::int64_t token) {
    auto& tokens = by_first_byte_[static_cast<unsigned char>(text.front())];
    const auto place = std::find_if(tokens.begin(), tokens.end(), [&](const Added& other) {
        return other.text.size() < text.size();
    });
    tokens.insert(place, {text, token});
}

std::vector<AddedTokens::Segment> AddedTokens::split(std::string_view text) const {
    std::vector<Segment> segments;
    std::size_t begin = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto& candidates = by_first_byte_[static_cast<unsigned char>(text[at])];
        const auto found = std::find_if(
            candidates.begin(), candidates.end(),
            [&](const Added& candidate) { return text.substr(at).starts_with(candidate.text); });
        if (found == candidates.end()) {
            ++at;
            continue;
        }
        if (at > begin) segments.push_back({text.substr(begin, at - begin), -1});
        segments.push_back({text.substr(at, found->text.size()), found->token});
        at += found->text.size();
        begin = at;
    }
    if (at > begin) segments.push_back({text.substr(begin), -1});
    return segments;
}

}  // namespace hugging_face
