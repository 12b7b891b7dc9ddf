#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hugging_face/config/json_node.hpp"
#include "hugging_face/tokenizer/named_token.hpp"

namespace hugging_face {

/// What the small files beside a tokenizer say: tokenizer_config.json, and special_tokens_map.json and
/// added_tokens.json, which older releases of transformers wrote. Each may be missing.
class TokenizerConfig {
public:
    /// As of a folder without these files.
    TokenizerConfig() = default;

    /// Throws: FileError where a file is unreadable or holds no object, or where special tokens are to
    /// be cut into pieces like other text (split_special_tokens).
    explicit TokenizerConfig(const std::filesystem::path& folder);

    /// A field of tokenizer_config.json.
    JsonNode operator[](const std::string& field) const { return config_.root()[field]; }

    /// The text of a special token ("bos_token", "eos_token" and so on), null or absent where none is
    /// named. Where both files name one, special_tokens_map.json counts if tokenizer_config.json has
    /// no added_tokens_decoder, as transformers reads them.
    JsonNode special_token(const std::string& field) const;

    /// The texts of all special tokens. Throws: FileError where one is malformed.
    std::set<std::string> special_tokens() const;

    /// The tokens of added_tokens_decoder and of added_tokens.json. They point into this object.
    /// Throws: FileError where one is malformed.
    std::vector<NamedToken> added_tokens() const;

    /// The token that ends a response: the one that eos_token names, or else `own`, or else the first
    /// eos_token_id of config.json or generation_config.json.
    /// Throws: FileError where there is none, or none below `size`.
    std::int64_t eos(const FindToken& find, std::optional<std::int64_t> own,
                     std::int64_t size) const;

private:
    std::filesystem::path folder_;
    JsonFile config_;
    JsonFile special_tokens_map_;
    JsonFile added_tokens_;
};

}  // namespace hugging_face
