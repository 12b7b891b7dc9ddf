#pragma once

#include <cstddef>
#include <string_view>

namespace hugging_face {

/// A file's lines of a token in base64, a space and the token's rank, the ranks from 0 on: what Llama 3
/// has as tokenizer.model.
struct TiktokenLines {
    std::size_t count = 0;  ///< good lines at the beginning of the file
    bool whole = false;     ///< whether they are all of it
};

/// Source: the format of the library `tiktoken`.
TiktokenLines read_tiktoken_lines(std::string_view bytes);

}  // namespace hugging_face
