#include "text/final_number.hpp"

#include <cstddef>

namespace fed_llm {
namespace {

bool is_digit(std::string_view text, std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

/// Takes the number that begins at the digit `at`, and moves `at` behind it.
std::string take_number(std::string_view text, std::size_t& at) {
    const bool negative = at > 0 && text[at - 1] == '-';
    std::string digits;
    while (is_digit(text, at) || (text.substr(at, 1) == "," && is_digit(text, at + 1))) {
        if (text[at] != ',') digits += text[at];
        ++at;
    }
    digits.erase(0, digits.find_first_not_of('0'));  // all of "000"
    if (digits.empty()) digits.push_back('0');
    if (text.substr(at, 1) == "." && is_digit(text, at + 1)) {
        std::string fraction;
        for (++at; is_digit(text, at); ++at) fraction += text[at];
        fraction.erase(fraction.find_last_not_of('0') + 1);
        if (!fraction.empty()) digits += "." + fraction;
    }
    return negative && digits != "0" ? "-" + digits : digits;
}

}  // namespace

std::optional<std::string> final_number(std::string_view answer) {
    constexpr std::string_view mark = "####";
    const std::size_t marked = answer.find(mark);
    const bool first_counts = marked != std::string_view::npos;
    if (first_counts) answer.remove_prefix(marked + mark.size());
    std::optional<std::string> number;
    for (std::size_t at = 0; at < answer.size();) {
        if (!is_digit(answer, at)) {
            ++at;
            continue;
        }
        number = take_number(answer, at);
        if (first_counts) break;
    }
    return number;
}

}  // namespace fed_llm
