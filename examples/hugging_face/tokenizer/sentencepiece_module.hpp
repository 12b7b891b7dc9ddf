#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hugging_face {

/// What the tokenizers need of a SentencePiece model, without SentencePiece's headers. Texts and tokens
/// that SentencePiece refuses throw std::runtime_error.
class SentencePieceModel {
public:
    virtual ~SentencePieceModel() = default;
    /// `prefix`: with the space before the text that the model was trained with, if it was; without
    /// one, a text that continues another is encoded and decoded.
    virtual std::vector<int> encode(std::string_view text, bool prefix) const = 0;
    virtual std::string decode(const std::vector<int>& tokens, bool prefix) const = 0;
    virtual int unknown() const = 0;  ///< -1: none
    virtual int bos() const = 0;      ///< -1: none
    virtual int eos() const = 0;      ///< -1: none
    virtual int size() const = 0;     ///< tokens in the vocabulary
    virtual std::string name(int token) const = 0;
    virtual int find(const std::string& name) const = 0;  ///< -1: no token has this name
    virtual std::string bytes() const = 0;
};

/// The functions of the module hugging_face_sentencepiece, which tokenizer.cpp loads at run time: builds
/// of SentencePiece and of LibTorch (Debian's among them) carry two incompatible versions of
/// protobuf under the same symbols, so that a program linked with both crashes before main().
struct SentencePieceModule {
    /// Throws: std::runtime_error for bytes that are no model, or only the beginning of one.
    std::unique_ptr<SentencePieceModel> (*open)(std::string_view bytes);

    /// Trains a model with byte-pair encoding and byte fallback and returns its bytes.
    /// Throws: std::runtime_error where SentencePiece refuses.
    std::string (*train)(const std::vector<std::string>& texts, int vocab_size);
};

/// The name under which the module exports a function `const SentencePieceModule* ()`.
inline constexpr const char* sentencepiece_module_symbol = "hugging_face_sentencepiece_module";

}  // namespace hugging_face
