#include "federated/report/plot.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "federated/report/child_process.hpp"

namespace federated {
namespace {

constexpr const char* script_name = "plot_runs.py";

std::filesystem::path find_script() {
    std::error_code ignored;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    const std::filesystem::path beside = program.parent_path() / script_name;
    const std::filesystem::path source = std::filesystem::path(FERRET_SCRIPTS) / script_name;
    for (const auto& script : {beside, source}) {
        if (std::filesystem::is_regular_file(script, ignored)) return script;
    }
    throw std::runtime_error("plot: expected " + beside.string() + " or " + source.string() +
                             ", found neither");
}

}  // namespace

void plot_runs(const std::vector<std::filesystem::path>& runs,
               const std::filesystem::path& picture) {
    std::vector<std::string> command{"python3", find_script().string(), picture.string()};
    for (const auto& run : runs) command.push_back(run.string());
    std::optional<int> code;
    try {
        code = ChildProcess(command).wait();
    } catch (const std::system_error& error) {
        throw std::runtime_error(std::string("plot: expected python3, with Matplotlib: ") +
                                 error.what());
    }
    if (code != 0) throw std::runtime_error("plot: " + picture.string() + " was not drawn");
}

}  // namespace federated
