#include "kd_lora/data/labelled_jsonl.hpp"

#include <string>
#include <string_view>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "kd_lora/data/row_fields.hpp"
#include "kd_lora/data/text_lines.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;

std::string sentence_of(const Json& json, const RowFields& row) {
    const auto sentence = json.find("sentence");
    const auto text = json.find("text");
    if ((sentence == json.end()) == (text == json.end())) {
        row.refuse("sentence", "either sentence or text",
                   sentence == json.end() ? "neither" : "both");
    }
    const Json& found = sentence == json.end() ? *text : *sentence;
    if (!found.is_string()) row.refuse("sentence", "a string", files::describe(found));
    return row.sentence(found.get_ref<const std::string&>());
}

std::int64_t label_of(const Json& json, const RowFields& row) {
    const auto label = json.find("label");
    if (label == json.end()) row.refuse("label", row.expected_label(), "nothing");
    // An unsigned number that no signed one holds comes out negative, and is refused as such.
    if (!label->is_number_integer()) {
        row.refuse("label", row.expected_label(), files::describe(*label));
    }
    return row.label(label->get<std::int64_t>(), label->dump());
}

}  // namespace

LabelledFile read_labelled_jsonl(const std::filesystem::path& file, std::int64_t labels) {
    const std::string text = files::read_text(file, max_data_bytes);
    LabelledFile rows;
    for (const TextLine& line : text_lines(text, file)) {
        if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const RowFields row(file, line.number, labels);
        const Json json =
            files::parse_json(std::string(line.text), file, "line " + std::to_string(line.number));
        if (!json.is_object()) row.refuse("", "an object", files::describe(json));
        rows.examples.push_back({sentence_of(json, row), label_of(json, row)});
        rows.lines.push_back(line.number);
    }
    if (rows.examples.empty()) throw files::FileError(file, "file", "at least one row", "none");
    return rows;
}

}  // namespace kd_lora
