#include <unistd.h>

#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "fed_llm/options/options.hpp"
#include "fed_llm/run/experiment.hpp"
#include "federated/report/compare.hpp"
#include "federated/report/plot.hpp"
#include "federated/transport/agreed_exit.hpp"
#include "federated/transport/launch.hpp"

namespace {

void compare(const fed_llm::CommandLine& line) {
    std::vector<federated::ComparedRun> runs;
    for (const auto& folder : line.compare_runs) runs.push_back(federated::read_run(folder));
    federated::print_comparison(std::cout, runs);
    federated::expect_printed();
    if (line.plot) federated::plot_runs(line.compare_runs, *line.plot);
}

int run(const std::vector<std::string>& arguments, federated::Transport& processes) {
    const bool serves = processes.rank() == 0;
    std::ostringstream out;
    std::ostringstream err;
    const fed_llm::CommandLine line = fed_llm::parse_command_line(arguments, out, err);
    if (const auto code =
            federated::agreed_exit({line.exit_code, out.str(), err.str()}, processes)) {
        return *code;
    }
    if (!line.compare_runs.empty()) {
        if (serves) compare(line);
        return 0;
    }
    const int exit_code =
        fed_llm::run_experiment(line, processes, std::cout, std::cerr, isatty(STDERR_FILENO) == 1);
    if (line.dry_run) federated::expect_printed();
    // The others may be waiting for this process, which has left them.
    if (exit_code != 0 && processes.size() > 1) federated::end_all_processes(exit_code);
    return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto processes = federated::launched_processes();
        return run({argv + 1, argv + argc}, *processes);
    } catch (const std::exception& error) {
        std::cerr << "fed_llm: " << error.what() << std::endl;
        federated::end_all_processes(1);
    }
}
