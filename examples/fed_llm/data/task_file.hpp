#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fed_llm {

/// One task of Natural Instructions, as far as it is used here.
struct Task {
    struct Instance {
        std::string input;   ///< may be empty; tasks may leave it out, or have null
        std::string output;  ///< the first of the outputs
    };
    std::string name;
    std::string definition;  ///< the first of the definitions
    std::string category;    ///< the first of the categories; the name where there is none
    std::vector<Instance> instances;
};

/// The task names in splits/default/`split`_tasks.txt, one a line.
/// Throws: FileError where there is none, or a name is no UTF-8 or could lead out of the tasks
/// folder.
std::vector<std::string> read_split(const std::filesystem::path& folder, const std::string& split);

/// Reads tasks/`name`.json.
/// Throws: FileError.
Task read_task(const std::filesystem::path& folder, const std::string& name);

}  // namespace fed_llm
