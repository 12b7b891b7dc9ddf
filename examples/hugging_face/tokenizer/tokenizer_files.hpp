#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace hugging_face {

/// A file's bytes by its name in the model's folder.
using TokenizerFiles = std::map<std::string, std::string>;

/// Adds the small files of the folder that readers of Hugging Face's layout want beside a
/// tokenizer, those that are there and not in `files` yet.
/// Throws: FileError.
void add_companions(const std::filesystem::path& folder, TokenizerFiles& files);

/// Writes the files into the folder, which is made where it is missing.
/// Throws: FileError.
void write_files(const TokenizerFiles& files, const std::filesystem::path& folder);

}  // namespace hugging_face
