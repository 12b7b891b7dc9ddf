#pragma once

#include <string>
#include <string_view>

namespace fed_llm {

/// The text in well-formed UTF-8: every longest piece of bytes that begins a character and does not
/// end it, and every byte that begins none, becomes U+FFFD.
/// Source: the Unicode Standard, section 3.9, "U+FFFD substitution of maximal subparts".
std::string replace_ill_formed(std::string_view text);

/// The text in normalization form C: letters and accents composed. Source: Unicode Annex 15, by
/// utf8proc.
/// Throws: std::invalid_argument where the text is no well-formed UTF-8.
std::string compose(std::string_view text);

}  // namespace fed_llm
