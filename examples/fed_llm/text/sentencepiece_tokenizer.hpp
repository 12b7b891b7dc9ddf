#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "text/tokenizer.hpp"

namespace fed_llm {

/// Reads tokenizer.model.
/// Throws: FileError where it is missing, no SentencePiece model, or without BOS or EOS token.
std::shared_ptr<const TokenizerModel> open_sentencepiece(const std::filesystem::path& file);

/// Trains a tokenizer of LLaMA's kind on the texts: byte-pair encoding, 256 byte tokens so that any
/// text can be encoded, 0 unknown, 1 BOS, 2 EOS. Texts that yield fewer pieces give a smaller
/// vocabulary.
/// Throws: std::invalid_argument where SentencePiece refuses (no text, a vocabulary too small).
Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size);

}  // namespace fed_llm
