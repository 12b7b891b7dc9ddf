#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hugging_face {

/// Tokens that a text is searched for before it is cut into pieces: end of text, start of a turn.
class AddedTokens {
public:
    struct Segment {
        std::string_view text;
        std::int64_t token;  ///< -1: text between added tokens
    };

    /// `text` is not empty.
    void add(const std::string& text, std::int64_t token);

    /// The whole text in segments: of several added tokens at one place, the longest counts.
    std::vector<Segment> split(std::string_view text) const;

private:
    struct Added {
        std::string text;
        std::int64_t token;
    };
    std::array<std::vector<Added>, 256> by_first_byte_;  ///< the longest first
};

}  // namespace hugging_face
