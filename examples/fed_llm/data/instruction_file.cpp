#include "data/instruction_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 30;

/// Reads the fields of the row that stands at `where` in the file.
class RowReader {
public:
    RowReader(const std::filesystem::path& file, const InstructionFields& fields)
        : file_(file), fields_(fields) {}

    InstructionRow read(const Json& json, const std::string& where) const {
        if (!json.is_object()) throw FileError(file_, where, "an object", describe(json));
        return {text(json, fields_.instruction, where), optional_text(json, fields_.input, where),
                text(json, fields_.output, where), optional_text(json, fields_.category, where)};
    }

private:
    std::string text(const Json& json, const std::string& name, const std::string& where) const {
        const auto field = json.find(name);
        if (field == json.end() || !field->is_string()) {
            throw FileError(file_, where + ", " + name, "a string",
                            field == json.end() ? "nothing" : describe(*field));
        }
        return field->get<std::string>();
    }
    std::string optional_text(const Json& json, const std::string& name,
                              const std::string& where) const {
        return name.empty() || !json.contains(name) ? std::string() : text(json, name, where);
    }

    const std::filesystem::path& file_;
    const InstructionFields& fields_;
};

void expect_rows(const std::filesystem::path& file, const std::vector<InstructionRow>& rows) {
    if (rows.empty()) throw FileError(file, "file", "at least one row", "none");
}

}  // namespace

std::vector<InstructionRow> read_jsonl_rows(const std::filesystem::path& file,
                                            const InstructionFields& fields) {
    const std::string text = read_file(file, max_file_bytes);
    const RowReader reader(file, fields);
    std::vector<InstructionRow> rows;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::string where = "line " + std::to_string(++number);
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        rows.push_back(reader.read(parse_json(line, file, where), where));
    }
    expect_rows(file, rows);
    return rows;
}

std::vector<InstructionRow> read_json_rows(const std::filesystem::path& file,
                                           const InstructionFields& fields) {
    const Json json = read_json(file, max_file_bytes);
    if (!json.is_array()) throw FileError(file, "file", "a list of rows", describe(json));
    const RowReader reader(file, fields);
    std::vector<InstructionRow> rows;
    for (std::size_t i = 0; i < json.size(); ++i) {
        rows.push_back(reader.read(json[i], "row " + std::to_string(i + 1)));
    }
    expect_rows(file, rows);
    return rows;
}

std::filesystem::path find_data_file(const std::filesystem::path& path,
                                     std::initializer_list<std::string_view> files) {
    if (!std::filesystem::is_directory(path)) return path;
    std::string names;
    for (const std::string_view name : files) {
        if (std::filesystem::exists(path / name)) return path / name;
        names.append(names.empty() ? "" : " or ").append(name);
    }
    throw FileError(path, "folder", names, "none");
}

}  // namespace fed_llm
