#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hugging_face {

/// Byte-pair encoding over bytes: a piece of text starts as its bytes' tokens, and the pair whose
/// merge was learnt first is joined, the leftmost first, until none is left.
/// Source: Sennrich et al., arXiv 1508.07909.
class BytePairEncoding {
public:
    /// `vocabulary` gives the token of bytes. Bytes without a token of their own (SmolLM2 has some,
    /// of control characters) are left out of the text. With `whole_pieces`, a piece that is itself
    /// in the vocabulary is that token, merges or not.
    BytePairEncoding(std::unordered_map<std::string, std::uint32_t> vocabulary, bool whole_pieces);

    /// Learns that these two join, after all pairs that were added before.
    /// Throws: std::invalid_argument where one of them, or both joined, are not in the vocabulary.
    void add_merge(const std::string& left, const std::string& right);

    /// Whether each of the 256 bytes has a token.
    bool is_complete() const;

    /// Appends the tokens of the piece. Cost: n log n for n bytes.
    void encode(const std::string& piece, std::vector<std::int64_t>& tokens) const;

private:
    struct Merge {
        std::size_t rank;
        std::uint32_t joined;
    };
    /// The merge of two tokens; null where they do not join.
    const Merge* find_merge(std::uint32_t left, std::uint32_t right) const;

    std::unordered_map<std::string, std::uint32_t> vocabulary_;
    bool whole_pieces_;
    std::array<std::int64_t, 256> bytes_{};            ///< -1: no token
    std::unordered_map<std::uint64_t, Merge> merges_;  ///< by left << 32 | right
    std::size_t next_rank_ = 0;
};

}  // namespace hugging_face
