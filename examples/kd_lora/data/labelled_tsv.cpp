#include "kd_lora/data/labelled_tsv.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "kd_lora/data/row_fields.hpp"
#include "kd_lora/data/text_lines.hpp"
#include "kd_lora/data/tsv_rows.hpp"

namespace kd_lora {
namespace {

TsvColumns columns_of(const TextLine& header, const std::filesystem::path& file) {
    const std::vector<std::string_view> names = tab_separated(header.text);
    const auto find_one = [&](auto is_it, const char* expected) {
        const auto found = std::find_if(names.begin(), names.end(), is_it);
        if (std::count_if(names.begin(), names.end(), is_it) != 1) {
            RowFields(file, header.number, 0)
                .refuse("header", std::string("one column ") + expected, in_quotes(header.text));
        }
        return static_cast<std::size_t>(std::distance(names.begin(), found));
    };
    return {find_one([](std::string_view name) { return name == "sentence" || name == "text"; },
                     "sentence or text"),
            find_one([](std::string_view name) { return name == "label"; }, "label"), names.size()};
}

}  // namespace

LabelledFile read_labelled_tsv(const std::filesystem::path& file, std::int64_t labels) {
    const std::string text = files::read_text(file, max_data_bytes);
    const std::vector<TextLine> lines = text_lines(text, file);
    if (lines.empty())
        throw files::FileError(file, "file", "a header and at least one row", "none");
    return tsv_rows(std::span(lines).subspan(1), columns_of(lines[0], file), file, labels);
}

}  // namespace kd_lora
