#include "hugging_face/tokenizer/bert_words.hpp"

#include <algorithm>
#include <array>

#include "files/unicode.hpp"

namespace hugging_face {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// BERT's own list, which leaves gaps.
constexpr std::array<Range, 8> chinese{{{0x3400, 0x4DBF},
                                        {0x4E00, 0x9FFF},
                                        {0xF900, 0xFAFF},
                                        {0x20000, 0x2A6DF},
                                        {0x2A700, 0x2B73F},
                                        {0x2B740, 0x2B81F},
                                        {0x2B920, 0x2CEAF},
                                        {0x2F800, 0x2FA1F}}};

bool is_chinese(char32_t character) {
    return std::any_of(chinese.begin(), chinese.end(), [&](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

bool is_space(char32_t character) {
    return character == U'\t' || character == U'\n' || character == U'\r' ||
           files::is_separator(character);
}

bool is_word_alone(char32_t character) {
    const bool ascii_symbol =
        (character >= U'!' && character <= U'/') || (character >= U':' && character <= U'@') ||
        (character >= U'[' && character <= U'`') || (character >= U'{' && character <= U'~');
    return ascii_symbol || files::is_punctuation(character);
}

}  // namespace

std::vector<std::u32string> BertWords::split(std::string_view text) const {
    constexpr char32_t replacement = 0xFFFD;
    std::u32string clean;
    for (const char32_t character : files::characters_of(text)) {
        if (is_space(character)) {
            clean.push_back(U' ');
        } else if (isolate_chinese && is_chinese(character)) {
            clean.append({U' ', character, U' '});
        } else if (character != replacement && !files::is_invisible(character)) {
            clean.push_back(character);
        }
    }
    if (strip_accents) {
        clean = files::decompose(clean);
        std::erase_if(clean, files::is_nonspacing_mark);
    }
    if (lower_case) clean = files::lower_case(clean);

    std::vector<std::u32string> words;
    bool inside = false;
    for (const char32_t character : clean) {
        const bool alone = is_word_alone(character);
        if (character == U' ') {
            inside = false;
        } else if (inside && !alone) {
            words.back().push_back(character);
        } else {
            words.emplace_back(1, character);
            inside = !alone;
        }
    }
    return words;
}

}  // namespace hugging_face
