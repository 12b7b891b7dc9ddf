#include "fed_llm/data/instruction_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 30;
constexpr const char* blanks = " \t\r\n";

/// Reads the fields of the row that stands at `where` in the file.
class RowReader {
public:
    RowReader(const std::filesystem::path& file, const InstructionFields& fields)
        : file_(file), fields_(fields) {}

    InstructionRow read(const Json& json, const std::string& where) const {
        if (!json.is_object())
            throw files::FileError(file_, where, "an object", files::describe(json));
        return {text(json, fields_.instruction, where), optional_text(json, fields_.input, where),
                text(json, fields_.output, where), optional_text(json, fields_.category, where)};
    }

private:
    std::string text(const Json& json, const std::string& name, const std::string& where) const {
        const auto field = json.find(name);
        if (field == json.end() || !field->is_string()) {
            throw files::FileError(file_, where + ", " + name, "a string",
                                   field == json.end() ? "nothing" : files::describe(*field));
        }
        return field->get<std::string>();
    }
    std::string optional_text(const Json& json, const std::string& name,
                              const std::string& where) const {
        const auto field = json.find(name);
        if (name.empty() || field == json.end() || field->is_null()) return {};
        return text(json, name, where);
    }

    const std::filesystem::path& file_;
    const InstructionFields& fields_;
};

std::vector<InstructionRow> rows_of_list(const Json& json, const RowReader& reader) {
    std::vector<InstructionRow> rows;
    for (std::size_t i = 0; i < json.size(); ++i) {
        rows.push_back(reader.read(json[i], "row " + std::to_string(i + 1)));
    }
    return rows;
}

std::vector<InstructionRow> rows_of_lines(const std::string& text,
                                          const std::filesystem::path& file,
                                          const RowReader& reader) {
    std::vector<InstructionRow> rows;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::string where = "line " + std::to_string(++number);
        const std::size_t first = line.find_first_not_of(blanks);
        if (first == std::string::npos) continue;
        if (line.find_last_not_of(blanks) == first && line[first] == '{') {
            throw files::FileError(file, where, "a whole row, or a list of rows in the file",
                                   "an object that goes on in the next line");
        }
        rows.push_back(reader.read(files::parse_json(line, file, where), where));
    }
    return rows;
}

}  // namespace

std::vector<InstructionRow> read_rows(const std::filesystem::path& file,
                                      const InstructionFields& fields) {
    const std::string text = files::read_text(file, max_file_bytes);
    const RowReader reader(file, fields);
    const std::size_t begin = text.find_first_not_of(blanks);
    const bool is_list = begin != std::string::npos && text[begin] == '[';
    std::vector<InstructionRow> rows = is_list ? rows_of_list(files::parse_json(text, file), reader)
                                               : rows_of_lines(text, file, reader);
    if (rows.empty()) throw files::FileError(file, "file", "at least one row", "none");
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
    throw files::FileError(path, "folder", names, "none");
}

}  // namespace fed_llm
