#include "fed_llm/data/programming_language.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace fed_llm {
namespace {

constexpr std::array<std::string_view, 22> languages{"Bash",       "C",
                                                     "C#",         "C++",
                                                     "CSS",        "Go",
                                                     "HTML",       "Java",
                                                     "JavaScript", "Kotlin",
                                                     "Pascal",     "Perl",
                                                     "PHP",        "Python",
                                                     "R",          "Ruby",
                                                     "Rust",       "Scala",
                                                     "SQL",        "Swift",
                                                     "TypeScript", "X86-64 Assembly"};

/// Words or letters of English, too.
constexpr std::array<std::string_view, 3> ambiguous_languages{"C", "Go", "R"};

constexpr std::array<std::string_view, 5> words_after{"code", "function", "language", "program",
                                                      "script"};

char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

bool is_letter(char letter) {
    return std::isalpha(static_cast<unsigned char>(letter)) != 0;
}

bool is_digit(char letter) {
    return std::isdigit(static_cast<unsigned char>(letter)) != 0;
}

bool equal_letters(char left, char right) {
    return lower(left) == lower(right);
}

bool equal_words(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal_letters);
}

bool is_ambiguous(std::string_view language) {
    return std::find(ambiguous_languages.begin(), ambiguous_languages.end(), language) !=
           ambiguous_languages.end();
}

/// "Objective-C" is not C.
bool joins_next(char letter) {
    return is_letter(letter) || is_digit(letter) || letter == '_' || letter == '-';
}

/// "C++" and "C#" are not C.
bool joins_previous(char letter) {
    return is_letter(letter) || letter == '_' || letter == '+' || letter == '#';
}

std::string_view last_word(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    std::size_t begin = text.size();
    while (begin > 0 && is_letter(text[begin - 1])) --begin;
    return text.substr(begin);
}

std::string_view first_word(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// Whether the words around it tell that an ambiguous name is a language.
bool stands_for_language(std::string_view before, std::string_view after) {
    if (equal_words(last_word(before), "in")) return true;
    const std::string_view word = first_word(after);
    return std::any_of(words_after.begin(), words_after.end(),
                       [&](std::string_view known) { return equal_words(word, known); });
}

/// Where the text names the language; its size if it does not.
std::size_t find_language(std::string_view text, std::string_view language) {
    const bool ambiguous = is_ambiguous(language);
    auto from = text.begin();
    while (true) {
        const auto found =
            ambiguous
                ? std::search(from, text.end(), language.begin(), language.end())
                : std::search(from, text.end(), language.begin(), language.end(), equal_letters);
        if (found == text.end()) return text.size();
        const auto at = static_cast<std::size_t>(found - text.begin());
        const std::string_view before = text.substr(0, at);
        std::string_view after = text.substr(at + language.size());
        while (!after.empty() && is_digit(after.front())) after.remove_prefix(1);
        if ((before.empty() || !joins_next(before.back())) &&
            (after.empty() || !joins_previous(after.front())) &&
            (!ambiguous || stands_for_language(before, after))) {
            return at;
        }
        from = found + 1;
    }
}

}  // namespace

std::optional<std::string> programming_language(std::string_view instruction,
                                                std::string_view input) {
    for (const std::string_view language : languages) {
        if (equal_words(input, language)) return std::string(language);
    }
    std::size_t first = instruction.size();
    std::optional<std::string> named;
    for (const std::string_view language : languages) {
        const std::size_t at = find_language(instruction, language);
        if (at >= first) continue;
        first = at;
        named = std::string(language);
    }
    return named;
}

}  // namespace fed_llm
