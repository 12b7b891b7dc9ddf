#include <unistd.h>

#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "federated/report/compare.hpp"
#include "federated/report/plot.hpp"
#include "federated/transport/agreed_exit.hpp"
#include "federated/transport/launch.hpp"
#include "kd_lora/options/options.hpp"
#include "kd_lora/run/experiment.hpp"
#include "kd_lora/run/pretrain.hpp"

namespace {

void compare(const kd_lora::CommandLine& line) {
    std::vector<federated::ComparedRun> runs;
    for (const auto& folder : line.compare_runs) runs.push_back(federated::read_run(folder));
    federated::print_comparison(std::cout, runs);
    federated::expect_printed();
    if (line.plot) federated::plot_runs(line.compare_runs, *line.plot);
}

int run(const std::vector<std::string>& arguments, federated::Transport& processes) {
    const bool serves = processes.rank() == 0;
    const bool terminal = isatty(STDERR_FILENO) == 1;
    std::ostringstream out;
    std::ostringstream err;
    const kd_lora::CommandLine line = kd_lora::parse_command_line(arguments, out, err);
    if (const auto code =
            federated::agreed_exit({line.exit_code, out.str(), err.str()}, processes)) {
        return *code;
    }
    if (line.command == kd_lora::Command::compare) {
        if (serves) compare(line);
        return 0;
    }
    if (line.command == kd_lora::Command::pretrain) {
        if (processes.size() > 1) {
            throw std::invalid_argument("pretrain: expected one process, got " +
                                        std::to_string(processes.size()));
        }
        return kd_lora::pretrain(line.options, std::cout, std::cerr, terminal);
    }
    const int exit_code = kd_lora::run_experiment(line, processes, std::cout, std::cerr, terminal);
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
        std::cerr << "kd_lora: " << error.what() << std::endl;
        federated::end_all_processes(1);
    }
}
