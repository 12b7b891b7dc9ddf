#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hugging_face {

/// How BERT cuts a text into words, before WordPiece cuts these into tokens.
struct BertWords {
    bool lower_case = true;
    bool strip_accents = true;
    bool isolate_chinese = true;  ///< a word for every ideograph of China, Japan and Korea

    /// The words of the text. Controls, U+FFFD (thus also bytes that are no UTF-8) and what is for
    /// private use are dropped; spaces, tabs and ends of lines end a word; a sign of punctuation is
    /// a word. Accents are dropped from the decomposed text: Hangul comes in jamo, kana lose their
    /// marks.
    /// Source: BertNormalizer and BertPreTokenizer of the library `tokenizers`, whose tables are
    /// Unicode 8's. What is newer counts as utf8proc has it.
    std::vector<std::u32string> split(std::string_view text) const;
};

}  // namespace hugging_face
