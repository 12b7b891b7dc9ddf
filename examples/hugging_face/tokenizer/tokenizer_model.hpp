#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hugging_face/tokenizer/tokenizer_files.hpp"

namespace hugging_face {

/// What a kind of tokenizer does for Tokenizer, whose contracts these functions keep.
class TokenizerModel {
public:
    virtual ~TokenizerModel() = default;
    virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;
    virtual std::string decode(std::span<const std::int64_t> tokens) const = 0;
    virtual std::optional<std::int64_t> bos() const = 0;
    virtual std::int64_t eos() const = 0;
    virtual std::int64_t vocab_size() const = 0;

    /// The files that the tokenizer was read from.
    virtual TokenizerFiles files() const = 0;
};

}  // namespace hugging_face
