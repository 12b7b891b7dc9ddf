#include "kd_lora/data/row_fields.hpp"

#include <algorithm>
#include <charconv>

#include "files/file_error.hpp"
#include "files/unicode.hpp"

namespace kd_lora {
namespace {

constexpr std::size_t max_quoted_length = 60;
constexpr std::size_t max_label_digits = 9;

}  // namespace

std::string in_quotes(std::string_view text) {
    if (text.empty()) return "nothing";
    std::string quoted = "'" + std::string(text.substr(0, max_quoted_length)) + "'";
    if (text.size() > max_quoted_length) quoted += "...";
    return files::replace_ill_formed(quoted);  // the cut may go through a character
}

std::string RowFields::sentence(std::string_view text) const {
    if (text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos) {
        refuse("sentence", "some text", text.empty() ? "nothing" : "blanks");
    }
    return std::string(text);
}

std::int64_t RowFields::label(std::string_view text) const {
    const bool digits = !text.empty() && text.size() <= max_label_digits &&
                        std::all_of(text.begin(), text.end(),
                                    [](char letter) { return letter >= '0' && letter <= '9'; });
    if (!digits) refuse("label", expected_label(), in_quotes(text));
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return label(number, text);
}

std::int64_t RowFields::label(std::int64_t label, std::string_view said) const {
    if (label < 0 || (labels_ > 0 && label >= labels_)) {
        refuse("label", expected_label(), in_quotes(said));
    }
    return label;
}

void RowFields::refuse(std::string_view field, std::string_view expected,
                       std::string_view got) const {
    std::string where = "line " + std::to_string(line_);
    if (!field.empty()) where.append(", ").append(field);
    throw files::FileError(file_, where, expected, got);
}

std::string RowFields::expected_label() const {
    if (labels_ == 0) return "a whole number from 0";
    if (labels_ == 2) return "0 or 1";
    return "a whole number from 0 to " + std::to_string(labels_ - 1);
}

}  // namespace kd_lora
