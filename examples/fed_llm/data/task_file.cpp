#include "fed_llm/data/task_file.hpp"

#include <cstdint>
#include <sstream>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/unicode.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_split_bytes = std::uint64_t{1} << 24;
constexpr std::uint64_t max_task_bytes = std::uint64_t{1} << 30;

/// The member of an object, or a null value where there is none.
const Json& member(const Json& object, const char* field) {
    static const Json nothing;
    return object.is_object() && object.contains(field) ? object.at(field) : nothing;
}

std::string first_text(const std::filesystem::path& file, const std::string& field,
                       const Json& list) {
    if (!list.is_array() || list.empty() || !list.front().is_string()) {
        throw files::FileError(file, field, "a list that begins with a string",
                               files::describe(list));
    }
    return list.front().get<std::string>();
}

/// Some of the published tasks have a string in the place of the list.
std::string category(const std::filesystem::path& file, const std::string& task,
                     const Json& categories) {
    if (categories.is_null() || categories == Json::array()) return task;
    if (categories.is_string()) return categories.get<std::string>();
    return first_text(file, "Categories", categories);
}

}  // namespace

std::vector<std::string> read_split(const std::filesystem::path& folder, const std::string& split) {
    const std::filesystem::path file = folder / "splits" / "default" / (split + "_tasks.txt");
    std::istringstream lines(files::read_text(file, max_split_bytes));
    std::vector<std::string> names;
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string::npos) continue;
        std::string name = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
        if (name.find_first_of(std::string("/\\\0", 3)) != std::string::npos) {
            throw files::FileError(file, "line " + std::to_string(number), "the name of a task",
                                   name);
        }
        if (const std::string text = files::replace_ill_formed(name); text != name) {
            throw files::FileError(file, "line " + std::to_string(number), "UTF-8", text);
        }
        names.push_back(std::move(name));
    }
    if (names.empty()) throw files::FileError(file, "file", "task names, one a line", "none");
    return names;
}

Task read_task(const std::filesystem::path& folder, const std::string& name) {
    const std::filesystem::path file = folder / "tasks" / (name + ".json");
    const Json json = files::read_json(file, max_task_bytes);
    Task task{name,
              first_text(file, "Definition", member(json, "Definition")),
              category(file, name, member(json, "Categories")),
              {}};
    const Json& instances = member(json, "Instances");
    if (!instances.is_array()) {
        throw files::FileError(file, "Instances", "a list", files::describe(instances));
    }
    for (std::size_t i = 0; i < instances.size(); ++i) {
        const std::string field = "Instances[" + std::to_string(i) + "]";
        if (!instances[i].is_object()) {
            throw files::FileError(file, field, "an object", files::describe(instances[i]));
        }
        const Json& input = member(instances[i], "input");
        if (!input.is_string() && !input.is_null()) {
            throw files::FileError(file, field + ".input", "a string", files::describe(input));
        }
        task.instances.push_back(
            {input.is_null() ? std::string() : input.get<std::string>(),
             first_text(file, field + ".output", member(instances[i], "output"))});
    }
    return task;
}

}  // namespace fed_llm
