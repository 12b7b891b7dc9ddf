#include "kd_lora/data/text_lines.hpp"

#include <algorithm>

#include "files/unicode.hpp"
#include "kd_lora/data/row_fields.hpp"

namespace kd_lora {

std::vector<TextLine> text_lines(std::string_view text, const std::filesystem::path& file) {
    std::vector<TextLine> lines;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (files::replace_ill_formed(line) != line) {
            RowFields(file, number, 0).refuse("", "text in UTF-8", in_quotes(line));
        }
        lines.push_back({number, line});
    }
    return lines;
}

std::vector<std::string_view> tab_separated(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

}  // namespace kd_lora
