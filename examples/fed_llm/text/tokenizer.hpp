#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fed_llm {

class SentencePieceModel;

/// A SentencePiece tokenizer. Copies share one model.
class Tokenizer {
public:
    /// Reads tokenizer.model.
    /// Throws: FileError where it is missing, no SentencePiece model, or without BOS or EOS token.
    explicit Tokenizer(const std::filesystem::path& tokenizer_model);

    /// The tokens of the text, without BOS and EOS.
    std::vector<std::int64_t> encode(std::string_view text) const;

    /// The text of the tokens; control tokens have none.
    /// Throws: std::out_of_range for a token outside the vocabulary.
    std::string decode(std::span<const std::int64_t> tokens) const;

    std::int64_t bos() const;
    std::int64_t eos() const;
    std::int64_t vocab_size() const;

    /// Writes tokenizer.model.
    /// Throws: FileError.
    void save(const std::filesystem::path& file) const;

private:
    explicit Tokenizer(std::shared_ptr<const SentencePieceModel> model);
    friend Tokenizer train_tokenizer(const std::vector<std::string>& corpus,
                                     std::int64_t vocab_size);

    std::shared_ptr<const SentencePieceModel> model_;
};

/// Trains a tokenizer of LLaMA's kind on the texts: byte-pair encoding, 256 byte tokens so that any
/// text can be encoded, 0 unknown, 1 BOS, 2 EOS. Texts that yield fewer pieces give a smaller
/// vocabulary.
/// Throws: std::invalid_argument where SentencePiece refuses (no text, a vocabulary too small).
Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size);

}  // namespace fed_llm
