#include "hugging_face/tokenizer/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace hugging_face {
namespace {

static_assert(PCRE2_MAJOR > 10 || (PCRE2_MAJOR == 10 && PCRE2_MINOR >= 40),
              "PCRE2 10.40 or newer knows the property White_Space");

std::string message(int error) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

/// PCRE2 counts U+180E among \s, Unicode and the tokenizers' own expressions do not.
std::string with_unicode_spaces(std::string_view pattern) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '\\' || at + 1 == pattern.size()) {
            result += pattern[at];
            continue;
        }
        const char escaped = pattern[++at];
        if (escaped == 's') {
            result += "\\p{White_Space}";
        } else if (escaped == 'S') {
            result += "\\P{White_Space}";
        } else {
            result.append({'\\', escaped});
        }
    }
    return result;
}

}  // namespace

Regex::Regex(std::string_view pattern) {
    const std::string text = with_unicode_spaces(pattern);
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                     PCRE2_UTF | PCRE2_UCP, &error, &at, nullptr);
    if (code == nullptr) throw std::invalid_argument(message(error));
    code_.reset(code, pcre2_code_free);
}

std::vector<std::string_view> Regex::split(std::string_view text) const {
    std::vector<std::string_view> pieces;
    if (text.empty()) return pieces;
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
        pcre2_match_data_create(1, nullptr), &pcre2_match_data_free);
    if (match == nullptr) throw std::bad_alloc();
    std::size_t done = 0;
    std::uint32_t options = PCRE2_NOTEMPTY;
    while (done < text.size()) {
        const int found = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                      text.size(), done, options, match.get(), nullptr);
        if (found == PCRE2_ERROR_NOMATCH) break;
        if (found < 0) throw std::runtime_error("a text could not be split: " + message(found));
        // The first call has checked the whole text.
        options |= PCRE2_NO_UTF_CHECK;
        const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.get());
        // A \K in the pattern may move the start of the match; splits stay in order all the same.
        const std::size_t begin = std::max<std::size_t>(range[0], done);
        const std::size_t end = range[1];
        if (end <= begin) break;
        if (begin > done) pieces.push_back(text.substr(done, begin - done));
        pieces.push_back(text.substr(begin, end - begin));
        done = end;
    }
    if (done < text.size()) pieces.push_back(text.substr(done));
    return pieces;
}

}  // namespace hugging_face
