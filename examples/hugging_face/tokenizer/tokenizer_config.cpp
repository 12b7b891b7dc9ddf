#include "hugging_face/tokenizer/tokenizer_config.hpp"

#include <algorithm>
#include <array>

#include "files/file_error.hpp"
#include "hugging_face/tokenizer/end_tokens.hpp"

namespace hugging_face {
namespace {

constexpr std::uint64_t max_config_bytes = 16 << 20;

constexpr std::array<const char*, 7> special_fields{
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};
/// Of transformers 4 and 5: lists, or an object of names and tokens.
constexpr std::array<const char*, 3> special_lists{
    "additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens"};

/// A special token is a text, or an object that has it as content.
JsonNode content_of(const JsonNode& token) {
    return token.json().is_object() ? token["content"] : token;
}

std::int64_t number_of(const JsonNode& token, const std::string& digits) {
    const bool good = !digits.empty() && digits.size() <= 9 &&
                      std::all_of(digits.begin(), digits.end(),
                                  [](char letter) { return letter >= '0' && letter <= '9'; });
    if (!good) token.refuse("a field named by a token's number", "\"" + digits + "\"");
    return std::stoll(digits);
}

}  // namespace

TokenizerConfig::TokenizerConfig(const std::filesystem::path& folder)
    : folder_(folder),
      config_(folder / "tokenizer_config.json", max_config_bytes),
      special_tokens_map_(folder / "special_tokens_map.json", max_config_bytes),
      added_tokens_(folder / "added_tokens.json", max_config_bytes) {
    config_.root()["split_special_tokens"].only(false);
}

JsonNode TokenizerConfig::special_token(const std::string& field) const {
    JsonNode newer = config_.root()[field];
    JsonNode older = special_tokens_map_.root()[field];
    const bool older_counts =
        !older.is_absent() &&
        (newer.is_absent() || config_.root()["added_tokens_decoder"].is_null());
    return content_of(older_counts ? older : newer);
}

std::set<std::string> TokenizerConfig::special_tokens() const {
    std::set<std::string> names;
    for (const char* field : special_fields) {
        const JsonNode name = special_token(field);
        if (!name.is_null()) names.insert(name.text());
    }
    for (const JsonNode& file : {config_.root(), special_tokens_map_.root()}) {
        for (const char* field : special_lists) {
            const JsonNode list = file[field];
            if (list.json().is_object()) {
                for (const auto& item : list.json().items()) {
                    names.insert(content_of(list[item.key()]).text());
                }
                continue;
            }
            for (const JsonNode& token : list.entries(max_tokens)) {
                names.insert(content_of(token).text());
            }
        }
    }
    names.erase("");  // names no token
    return names;
}

std::vector<NamedToken> TokenizerConfig::added_tokens() const {
    std::vector<NamedToken> tokens;
    const JsonNode decoder = config_.root()["added_tokens_decoder"];
    if (!decoder.is_null() && !decoder.json().is_object()) decoder.refuse("an object");
    for (const auto& item : decoder.json().items()) {
        const JsonNode token = decoder[item.key()];
        tokens.push_back(read_named_token(token, number_of(token, item.key()), token));
    }
    const JsonNode older = added_tokens_.root();
    for (const auto& item : older.json().items()) {
        const JsonNode id = older[item.key()];
        if (item.key().empty()) id.refuse("the number of a token that is not empty");
        tokens.push_back({.content = item.key(),
                          .id = id.token(static_cast<std::int64_t>(max_tokens)),
                          .place = id});
    }
    return tokens;
}

std::int64_t TokenizerConfig::eos(const FindToken& find, std::optional<std::int64_t> own,
                                  std::int64_t size) const {
    if (const auto token = token_of(special_token("eos_token"), find)) return *token;
    if (own) return *own;
    for (const char* name : {"config.json", "generation_config.json"}) {
        const std::vector<std::int64_t> tokens = read_eos_token_ids(folder_ / name, size);
        if (!tokens.empty()) return tokens.front();
    }
    throw files::FileError(folder_ / "tokenizer_config.json", "eos_token", "a token", "none");
}

}  // namespace hugging_face
