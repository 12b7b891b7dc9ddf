#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hugging_face/config/json_node.hpp"

namespace hugging_face {

/// More than any tokenizer has.
inline constexpr std::size_t max_tokens = std::size_t{1} << 26;

/// An added token, as a file names it.
struct NamedToken {
    std::string content;
    std::int64_t id = 0;
    bool special = false;     ///< has no text
    bool normalized = false;  ///< looked for after the text was normalized
    JsonNode place;           ///< of the number
};

/// The number of the token of that name; nothing where there is none.
using FindToken = std::function<std::optional<std::int64_t>(const std::string&)>;

/// The token that `name` names; nothing where it is null or an empty text.
/// Throws: FileError where there is no such token.
std::optional<std::int64_t> token_of(const JsonNode& name, const FindToken& find);

/// The added token that an object with content, special and normalized describes; `place` is that of
/// its number.
/// Throws: FileError where it is malformed or takes spaces along (lstrip, rstrip, single_word).
NamedToken read_named_token(const JsonNode& object, std::int64_t id, JsonNode place);

/// The list added_tokens of a tokenizer.json.
/// Throws: as read_named_token, and where a number is none.
std::vector<NamedToken> read_added_tokens(const JsonNode& tokenizer_json);

/// Holds added tokens against a vocabulary of `size` tokens: a token of the vocabulary has its number
/// there, and the others follow the vocabulary without a gap. Returns them by number; of those that
/// are named twice the first.
/// Throws: FileError at the place of a number that does not fit.
std::vector<NamedToken> fit_to_vocabulary(std::vector<NamedToken> tokens, std::int64_t size,
                                          const FindToken& find);

}  // namespace hugging_face
