#include "fed_llm/text/final_number.hpp"

#include <cstddef>
#include <utility>

#include "files/unicode.hpp"

namespace fed_llm {
namespace {

constexpr char32_t minus_sign = 0x2212;

/// Reads numbers in a text of characters. Positions may lie outside of it.
class NumberReader {
public:
    explicit NumberReader(std::u32string text) : text_(std::move(text)) {}

    std::size_t size() const { return text_.size(); }

    /// Whether a number begins here: with a digit, or a decimal point before one.
    bool begins_number(std::size_t at) const {
        if (is_digit(at)) return true;
        return is(at, '.') && is_digit(at + 1) && !ends_operand(at) && !is(at - 1, '.');
    }

    /// Takes the number that begins at `at`, and moves `at` behind it.
    std::string take(std::size_t& at) const {
        const bool negative = has_sign(at);
        std::string digits;
        while (is_digit(at) || (is(at, ',') && is_digit(at + 1))) {
            if (is_digit(at)) digits += digit(at);
            ++at;
        }
        digits.erase(0, digits.find_first_not_of('0'));  // all of "000"
        if (digits.empty()) digits.push_back('0');
        if (is(at, '.') && is_digit(at + 1)) {
            std::string fraction;
            for (++at; is_digit(at); ++at) fraction += digit(at);
            fraction.erase(fraction.find_last_not_of('0') + 1);
            if (!fraction.empty()) digits += "." + fraction;
        }
        return negative && digits != "0" ? "-" + digits : digits;
    }

private:
    /// 0 outside of the text.
    char32_t letter(std::size_t at) const { return at < text_.size() ? text_[at] : 0; }
    bool is(std::size_t at, char letter) const {
        return this->letter(at) == static_cast<char32_t>(letter);
    }
    bool is_digit(std::size_t at) const { return letter(at) >= '0' && letter(at) <= '9'; }
    char digit(std::size_t at) const { return static_cast<char>(letter(at)); }
    bool is_minus(std::size_t at) const { return is(at, '-') || letter(at) == minus_sign; }

    bool is_space(std::size_t at) const { return is(at, ' ') || is(at, '\t'); }

    /// The end of what stands before the spaces that end before `end`.
    std::size_t before_spaces(std::size_t end) const {
        while (is_space(end - 1)) --end;
        return end;
    }

    /// Whether what a minus could subtract from ends before `end`: a word, a number (perhaps with
    /// its percent or currency sign) or a bracket.
    bool ends_operand(std::size_t end) const {
        const char32_t last = letter(end - 1);
        if (last == '%' || files::is_currency(last)) return is_digit(end - 2);
        return is_digit(end - 1) || files::is_letter(last) || files::is_closing_bracket(last);
    }

    /// Whether the number that begins at `begin` has a minus before it that is a sign.
    bool has_sign(std::size_t begin) const {
        std::size_t at = before_spaces(begin);
        if (files::is_currency(letter(at - 1))) at = before_spaces(at - 1);
        if (!is_minus(at - 1)) return false;
        const std::size_t minus = at - 1;
        if (!is_space(minus + 1)) return !ends_operand(minus);
        const std::size_t before = before_spaces(minus);
        return !ends_operand(before) && !is(before - 1, '\n');  // not the bullet of a list
    }

    std::u32string text_;
};

}  // namespace

std::optional<std::string> final_number(std::string_view answer) {
    constexpr std::string_view mark = "####";
    const std::size_t marked = answer.find(mark);
    const bool first_counts = marked != std::string_view::npos;
    if (first_counts) answer.remove_prefix(marked + mark.size());
    const NumberReader reader(files::characters_of(answer));
    std::optional<std::string> number;
    for (std::size_t at = 0; at < reader.size();) {
        if (!reader.begins_number(at)) {
            ++at;
            continue;
        }
        number = reader.take(at);
        if (first_counts) break;
    }
    return number;
}

}  // namespace fed_llm
