#include "hugging_face/tokenizer/byte_letters.hpp"

#include <array>
#include <cstddef>

namespace hugging_face {
namespace {

constexpr std::size_t letters_end = 0x100 + 68;

bool is_written_as_itself(std::size_t byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

/// The byte of every letter below U+0144; -1 for characters that are none.
std::array<int, letters_end> make_bytes() {
    std::array<int, letters_end> bytes{};
    bytes.fill(-1);
    std::size_t next = 0x100;
    for (std::size_t byte = 0; byte < 256; ++byte) {
        bytes[is_written_as_itself(byte) ? byte : next++] = static_cast<int>(byte);
    }
    return bytes;
}

}  // namespace

std::optional<std::string> bytes_of_letters(std::string_view token) {
    static const std::array<int, letters_end> bytes = make_bytes();
    std::string result;
    for (std::size_t at = 0; at < token.size(); ++at) {
        std::size_t letter = static_cast<unsigned char>(token[at]);
        if (letter >= 0x80) {  // all letters have one or two bytes in UTF-8
            if (letter < 0xC2 || letter > 0xC5 || at + 1 == token.size()) return std::nullopt;
            const std::size_t second = static_cast<unsigned char>(token[++at]);
            if (second < 0x80 || second > 0xBF) return std::nullopt;
            letter = (letter & 0x1F) << 6 | (second & 0x3F);
        }
        if (letter >= letters_end || bytes[letter] < 0) return std::nullopt;
        result += static_cast<char>(bytes[letter]);
    }
    return result;
}

}  // namespace hugging_face
