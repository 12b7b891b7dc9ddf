#include "files/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace files {
namespace {

/// What a first byte asks for: the bytes of its character, and the range of the second of them.
struct Lead {
    std::size_t length;  ///< 0: begins no character
    unsigned char least;
    unsigned char most;
};

Lead lead_of(unsigned char first) {
    if (first < 0x80) return {1, 0x80, 0xBF};
    if (first < 0xC2) return {0, 0x80, 0xBF};
    if (first < 0xE0) return {2, 0x80, 0xBF};
    // Neither a longer form than needed, nor a surrogate, nor above U+10FFFF.
    if (first < 0xF0) {
        const unsigned char least = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned char most = first == 0xED ? 0x9F : 0xBF;
        return {3, least, most};
    }
    if (first < 0xF5) {
        const unsigned char least = first == 0xF0 ? 0x90 : 0x80;
        const unsigned char most = first == 0xF4 ? 0x8F : 0xBF;
        return {4, least, most};
    }
    return {0, 0x80, 0xBF};
}

utf8proc_category_t category_of(char32_t character) {
    return utf8proc_category(static_cast<utf8proc_int32_t>(character));
}

utf8proc_propval_t combining_class(char32_t character) {
    return utf8proc_get_property(static_cast<utf8proc_int32_t>(character))->combining_class;
}

/// Puts every run of marks into canonical order.
void order_marks(std::u32string& characters) {
    auto begin = characters.begin();
    while (begin != characters.end()) {
        const auto end = std::find_if(begin, characters.end(),
                                      [](char32_t other) { return combining_class(other) == 0; });
        std::stable_sort(begin, end, [](char32_t a, char32_t b) {
            return combining_class(a) < combining_class(b);
        });
        begin = std::find_if(end, characters.end(),
                             [](char32_t other) { return combining_class(other) != 0; });
    }
}

}  // namespace

std::string replace_ill_formed(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
        std::size_t length = 1;
        while (length < std::min(lead.length, text.size())) {
            const auto next = static_cast<unsigned char>(text[length]);
            const bool fits = length == 1 ? next >= lead.least && next <= lead.most
                                          : next >= 0x80 && next <= 0xBF;
            if (!fits) break;
            ++length;
        }
        if (length == lead.length) {
            result.append(text.substr(0, length));
        } else {
            result += "\xEF\xBF\xBD";
        }
        text.remove_prefix(length);
    }
    return result;
}

std::string compose(std::string_view text) {
    utf8proc_uint8_t* composed = nullptr;
    const utf8proc_ssize_t length =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &composed,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
    if (length < 0) {
        throw std::invalid_argument(std::string("compose: expected well-formed UTF-8, got: ") +
                                    utf8proc_errmsg(length));
    }
    return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length)};
}

std::u32string characters_of(std::string_view text) {
    const std::string well_formed = replace_ill_formed(text);
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(well_formed.data());
    auto left = static_cast<utf8proc_ssize_t>(well_formed.size());
    std::u32string characters;
    while (left > 0) {
        utf8proc_int32_t character = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(bytes, left, &character);
        characters.push_back(static_cast<char32_t>(character));
        bytes += length;
        left -= length;
    }
    return characters;
}

std::u32string decompose(std::u32string_view characters) {
    constexpr utf8proc_ssize_t longest = 18;  // of any normalization form
    std::u32string decomposed;
    for (const char32_t character : characters) {
        std::array<utf8proc_int32_t, longest> parts{};
        int boundary_class = 0;  // of graphemes, which are not looked for
        const utf8proc_ssize_t count =
            utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts.data(), longest,
                                    UTF8PROC_DECOMPOSE, &boundary_class);
        for (utf8proc_ssize_t part = 0; part < count; ++part) {
            decomposed.push_back(static_cast<char32_t>(parts[static_cast<std::size_t>(part)]));
        }
    }
    order_marks(decomposed);
    return decomposed;
}

std::u32string lower_case(std::u32string_view characters) {
    std::u32string lower;
    for (const char32_t character : characters) {
        lower.push_back(
            static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character))));
        if (character == U'\u0130') lower.push_back(U'\u0307');
    }
    return lower;
}

bool is_letter(char32_t character) {
    const utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_currency(char32_t character) {
    return category_of(character) == UTF8PROC_CATEGORY_SC;
}

bool is_closing_bracket(char32_t character) {
    return category_of(character) == UTF8PROC_CATEGORY_PE;
}

bool is_nonspacing_mark(char32_t character) {
    return category_of(character) == UTF8PROC_CATEGORY_MN;
}

bool is_punctuation(char32_t character) {
    const utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool is_separator(char32_t character) {
    const utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP;
}

bool is_invisible(char32_t character) {
    const utf8proc_category_t category = category_of(character);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CO;
}

}  // namespace files
