#include "hugging_face/tokenizer/named_token.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace hugging_face {

std::optional<std::int64_t> token_of(const JsonNode& name, const FindToken& find) {
    if (name.is_null() || name.json() == "") return std::nullopt;
    const auto token = name.json().is_string() ? find(name.text()) : std::nullopt;
    if (!token) name.refuse("the text of a token");
    return token;
}

NamedToken read_named_token(const JsonNode& object, std::int64_t id, JsonNode place) {
    for (const char* field : {"single_word", "lstrip", "rstrip"}) object[field].only(false);
    return {.content = object["content"].name(),
            .id = id,
            .special = object["special"].boolean(),
            .normalized = object["normalized"].boolean(),
            .place = std::move(place)};
}

std::vector<NamedToken> read_added_tokens(const JsonNode& tokenizer_json) {
    std::vector<NamedToken> tokens;
    for (const JsonNode& token : tokenizer_json["added_tokens"].entries(max_tokens)) {
        const JsonNode id = token["id"];
        tokens.push_back(
            read_named_token(token, id.token(static_cast<std::int64_t>(max_tokens)), id));
    }
    return tokens;
}

std::vector<NamedToken> fit_to_vocabulary(std::vector<NamedToken> tokens, std::int64_t size,
                                          const FindToken& find) {
    std::map<std::string, NamedToken> by_content;
    for (NamedToken& token : tokens) {
        const auto [known, fresh] = by_content.try_emplace(token.content, token);
        if (!fresh && known->second.id != token.id) {
            token.place.refuse(
                std::to_string(known->second.id) + ", as in " + known->second.place.place(),
                std::to_string(token.id));
        }
    }
    tokens.clear();
    for (auto& [content, token] : by_content) tokens.push_back(std::move(token));
    std::stable_sort(tokens.begin(), tokens.end(),
                     [](const NamedToken& a, const NamedToken& b) { return a.id < b.id; });
    std::int64_t next = size;
    for (const NamedToken& token : tokens) {
        if (const auto known = find(token.content)) {
            if (*known != token.id) {
                token.place.refuse(std::to_string(*known) + ", the number in the vocabulary",
                                   std::to_string(token.id));
            }
        } else if (token.id != next++) {
            token.place.refuse(std::to_string(next - 1) + ", the first number without a token",
                               std::to_string(token.id));
        }
    }
    return tokens;
}

}  // namespace hugging_face
