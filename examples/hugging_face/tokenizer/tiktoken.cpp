#include "hugging_face/tokenizer/tiktoken.hpp"

#include <algorithm>
#include <string>

namespace hugging_face {
namespace {

bool is_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
               (letter >= '0' && letter <= '9') || letter == '+' || letter == '/';
    });
}

}  // namespace

TiktokenLines read_tiktoken_lines(std::string_view bytes) {
    TiktokenLines lines;
    while (!bytes.empty()) {
        const std::string_view line = bytes.substr(0, bytes.find('\n'));
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || !is_base64(line.substr(0, space)) ||
            line.substr(space + 1) != std::to_string(lines.count)) {
            return lines;
        }
        ++lines.count;
        bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    }
    lines.whole = lines.count > 0;
    return lines;
}

}  // namespace hugging_face
