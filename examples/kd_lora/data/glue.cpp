#include "kd_lora/data/glue.hpp"

#include <span>
#include <string>
#include <vector>

#include "files/file.hpp"
#include "kd_lora/data/row_fields.hpp"
#include "kd_lora/data/text_lines.hpp"
#include "kd_lora/data/tsv_rows.hpp"

namespace kd_lora {
namespace {

constexpr TsvColumns cola_columns{.sentence = 3, .label = 1, .count = 4};
constexpr TsvColumns sst2_columns{.sentence = 0, .label = 1, .count = 2};
constexpr std::string_view sst2_header = "sentence\tlabel";

}  // namespace

LabelledFile read_cola(const std::filesystem::path& file, std::int64_t labels) {
    const std::string text = files::read_text(file, max_data_bytes);
    return tsv_rows(text_lines(text, file), cola_columns, file, labels);
}

LabelledFile read_sst2(const std::filesystem::path& file, std::int64_t labels) {
    const std::string text = files::read_text(file, max_data_bytes);
    const std::vector<TextLine> lines = text_lines(text, file);
    if (!lines.empty() && lines[0].text != sst2_header) {
        RowFields(file, lines[0].number, labels)
            .refuse("", "the header sentence and label", in_quotes(lines[0].text));
    }
    return tsv_rows(std::span(lines).subspan(lines.empty() ? 0 : 1), sst2_columns, file, labels);
}

}  // namespace kd_lora
