#pragma once

#include <string>
#include <string_view>

namespace files {

/// The text in well-formed UTF-8: every longest piece of bytes that begins a character and does not
/// end it, and every byte that begins none, becomes U+FFFD.
/// Source: the Unicode Standard, section 3.9, "U+FFFD substitution of maximal subparts".
std::string replace_ill_formed(std::string_view text);

/// The text in normalization form C: letters and accents composed. Source: Unicode Annex 15, by
/// utf8proc.
/// Throws: std::invalid_argument where the text is no well-formed UTF-8.
std::string compose(std::string_view text);

/// The code points of the text; what replace_ill_formed replaces is U+FFFD here, too.
std::u32string characters_of(std::string_view text);

/// The characters in normalization form D: letters and accents apart. Source: Unicode Annex 15, by
/// utf8proc.
std::u32string decompose(std::u32string_view characters);

/// Each character in lower case, by itself: no final sigma. Source: Unicode's UnicodeData.txt, by
/// utf8proc, and its SpecialCasing.txt for U+0130, the one character that becomes two.
std::u32string lower_case(std::u32string_view characters);

/// Unicode's general categories L, Sc, Pe, Mn, P and Z.
bool is_letter(char32_t character);
bool is_currency(char32_t character);
bool is_closing_bracket(char32_t character);
bool is_nonspacing_mark(char32_t character);
bool is_punctuation(char32_t character);
bool is_separator(char32_t character);

/// Unicode's general categories Cc, Cf and Co: controls, formats and private use.
bool is_invisible(char32_t character);

}  // namespace files
