#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "hugging_face/config/json_node.hpp"
#include "hugging_face/tokenizer/added_tokens.hpp"
#include "hugging_face/tokenizer/byte_pair_encoding.hpp"
#include "hugging_face/tokenizer/named_token.hpp"
#include "hugging_face/tokenizer/pre_tokenizer.hpp"

namespace hugging_face {

/// What a tokenizer.json says, in the order in which a text passes through it.
struct TokenizerJson {
    struct Token {
        std::string bytes;
        bool special = false;  ///< has no text
        bool added = false;    ///< texts are searched for it
    };

    AddedTokens added_before;  ///< looked for in the text as it is
    bool composed = false;     ///< the text is put into normalization form C
    AddedTokens added_after;   ///< looked for after that
    PreTokenizer pre_tokenizer;
    std::optional<BytePairEncoding> encoding;
    std::optional<std::int64_t> first_token;  ///< what the post-processor puts before a text

    std::vector<Token> tokens;
    std::unordered_map<std::string, std::int64_t> ids;  ///< by the names in the file

    /// Adds a token: one of `tokens`, or the next after them. One that was added before stays as it
    /// was.
    void add(const NamedToken& token);

    /// Makes one of `tokens` special, and adds it where it was not added before.
    void add_special(const std::string& name, std::int64_t token);
};

/// Reads `text`, which is the content of `file`.
/// Throws: FileError where it is malformed, or asks for what is not supported: a model that is not
/// byte-level BPE, with dropout, affixes or an unknown token that is needed; another normalizer than
/// NFC or a Sequence of it; other pre-tokenizers than Sequence, Split (Isolated), Digits and ByteLevel (once, and last);
/// another post-processor than ByteLevel and a TemplateProcessing with at most one token before the
/// text; another decoder than ByteLevel; added tokens that take spaces along.
TokenizerJson parse_tokenizer_json(const std::string& text, const std::filesystem::path& file);

/// The token that the post_processor of a tokenizer.json puts before a single text.
/// Throws: FileError where it is of an unsupported kind, or the token not below `size`.
std::optional<std::int64_t> read_first_token(const JsonNode& post_processor, std::int64_t size);

}  // namespace hugging_face
