#include "kd_lora/data/tsv_rows.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "files/file_error.hpp"
#include "kd_lora/data/row_fields.hpp"

namespace kd_lora {

LabelledFile tsv_rows(std::span<const TextLine> lines, const TsvColumns& columns,
                      const std::filesystem::path& file, std::int64_t labels) {
    if (lines.empty()) throw files::FileError(file, "file", "at least one row", "none");
    LabelledFile rows;
    for (const TextLine& line : lines) {
        const RowFields row(file, line.number, labels);
        const std::vector<std::string_view> fields = tab_separated(line.text);
        if (fields.size() != columns.count) {
            row.refuse(
                "",
                std::to_string(columns.count) +
                    " fields with tabs between them (quotation marks are text: no field goes "
                    "over a tab or a line end)",
                std::to_string(fields.size()) + ": " + in_quotes(line.text));
        }
        rows.examples.push_back(
            {row.sentence(fields[columns.sentence]), row.label(fields[columns.label])});
        rows.lines.push_back(line.number);
    }
    return rows;
}

}  // namespace kd_lora
