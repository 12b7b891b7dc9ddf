#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hugging_face {

/// The eos_token_id of a config.json or generation_config.json: a token or a list of tokens; none
/// where it is absent, null or -1, or where there is no such file.
/// Throws: FileError where it is anything else, or a token not below `limit`.
std::vector<std::int64_t> read_eos_token_ids(const std::filesystem::path& file, std::int64_t limit);

/// The tokens that end an answer: the one that examples end with, and every eos_token_id of config.json
/// and generation_config.json. Published models have one end in one file and another in the next.
class EndTokens {
public:
    /// Throws: FileError where a file is unreadable, or names a token not below `vocab_size`.
    EndTokens(const std::filesystem::path& folder, std::int64_t example_end,
              std::int64_t vocab_size);

    /// Each once, that of the examples first.
    const std::vector<std::int64_t>& tokens() const { return tokens_; }

    /// Writes generation_config.json as it was read, with all tokens() as its eos_token_id, so that
    /// other programs end answers there, too. Without that file, and where config.json names them all,
    /// there is nothing to write.
    /// Throws: FileError.
    void save(const std::filesystem::path& folder) const;

private:
    std::vector<std::int64_t> tokens_;
    std::optional<std::string> generation_config_;
};

}  // namespace hugging_face
