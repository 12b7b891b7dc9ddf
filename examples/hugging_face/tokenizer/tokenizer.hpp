#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hugging_face/tokenizer/tokenizer_model.hpp"

namespace hugging_face {

/// The tokenizer of a model. Copies share one.
class Tokenizer {
public:
    /// Opens the tokenizer in a model's folder: tokenizer.model (SentencePiece) or, without one or
    /// where it is of Llama 3's format, tokenizer.json (byte-level byte-pair encoding, as Llama 3,
    /// Qwen2.5 and SmolLM2 have it).
    /// Throws: FileError where there is neither, or the file is malformed or asks for what this
    /// program has not.
    explicit Tokenizer(const std::filesystem::path& folder);

    explicit Tokenizer(std::shared_ptr<const TokenizerModel> model);

    /// The tokens of the text, without BOS and EOS. Bytes that are no UTF-8 count as U+FFFD.
    std::vector<std::int64_t> encode(std::string_view text) const;

    /// The text of the tokens, bytes that are no UTF-8 replaced by U+FFFD. Special tokens have none,
    /// nor have tokens outside the vocabulary, such as pad a model's embedding.
    std::string decode(std::span<const std::int64_t> tokens) const;

    /// The token that begins every sequence, for models that have one.
    std::optional<std::int64_t> bos() const;

    /// The token that ends a response.
    std::int64_t eos() const;

    std::int64_t vocab_size() const;

    /// Writes into the folder what the tokenizer was read from, with the small files of the folder
    /// that other readers of Hugging Face's layout want beside it.
    /// Throws: FileError.
    void save(const std::filesystem::path& folder) const;

private:
    std::shared_ptr<const TokenizerModel> model_;
    TokenizerFiles files_;  ///< those that save() writes
};

}  // namespace hugging_face
