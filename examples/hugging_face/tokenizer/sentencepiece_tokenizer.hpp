#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hugging_face/tokenizer/tokenizer.hpp"

namespace hugging_face {

/// The tokenizer of `model`, the bytes of the folder's tokenizer.model, with what stands beside it.
///
/// Added tokens are those of tokenizer_config.json (added_tokens_decoder), added_tokens.json and
/// tokenizer.json, and the special tokens that these files or tokenizer.model name; a text is cut at
/// them as it is, not normalized. The space that SentencePiece puts before a text comes before the
/// first piece of a text, before each one after an added token where tokenizer_config.json has "legacy":
/// true, and before none where it has "add_prefix_space": false. BOS begins sequences if
/// "add_bos_token" is true; where that is absent, as the post_processor of tokenizer.json says, and
/// without that file unless "bos_token" is null. EOS is "eos_token", or else tokenizer.model's.
/// Throws: FileError where a file is malformed, tokenizer.model is none, an added token's number does
/// not fit the vocabulary, or there is no EOS, or no BOS where one is wanted.
/// Source: the tokens of the Python package transformers. Its release 4 takes an absent "legacy" for
/// true, its release 5, as here, for false. A text that begins with a space gets another one before
/// it, as in release 4 and in SentencePiece itself.
std::shared_ptr<const TokenizerModel> open_sentencepiece(const std::filesystem::path& folder,
                                                         const std::string& model);

/// Trains a tokenizer of LLaMA's kind on the texts: byte-pair encoding, 256 byte tokens so that any
/// text can be encoded, 0 unknown, 1 BOS, 2 EOS. Texts that yield fewer pieces give a smaller
/// vocabulary.
/// Throws: std::invalid_argument where SentencePiece refuses (no text, a vocabulary too small).
Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size);

}  // namespace hugging_face
