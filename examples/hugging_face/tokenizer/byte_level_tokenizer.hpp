#pragma once

#include <filesystem>
#include <memory>

#include "hugging_face/tokenizer/tokenizer_model.hpp"

namespace hugging_face {

/// Reads the tokenizer.json of a byte-level byte-pair encoding, with the tokens that the small files
/// beside it add. BOS is the token that its post-processor puts first, or tokenizer_config.json's
/// bos_token where add_bos_token is true; a tokenizer without either has none. EOS is the eos_token of
/// the small files, or else the (first) eos_token_id of config.json or generation_config.json.
/// Throws: FileError where a file is missing, malformed or uses what this program has not, and where
/// there is no EOS.
/// Source: the format of the library `tokenizers`.
std::shared_ptr<const TokenizerModel> open_byte_level(const std::filesystem::path& folder);

}  // namespace hugging_face
