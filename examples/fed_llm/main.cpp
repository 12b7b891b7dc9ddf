#include <unistd.h>

#include <cstddef>
#include <exception>
#include <iostream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fed_llm/options/options.hpp"
#include "fed_llm/run/experiment.hpp"
#include "federated/report/compare.hpp"
#include "federated/report/plot.hpp"
#include "federated/transport/launch.hpp"
#include "federated/transport/text.hpp"

namespace {

/// For what has no other product: a full disk must not pass for success.
void expect_printed() {
    std::cout << std::flush;
    if (!std::cout) throw std::runtime_error("standard output: expected a complete write");
}

void compare(const fed_llm::CommandLine& line) {
    std::vector<federated::ComparedRun> runs;
    for (const auto& folder : line.compare_runs) runs.push_back(federated::read_run(folder));
    federated::print_comparison(std::cout, runs);
    expect_printed();
    if (line.plot) federated::plot_runs(line.compare_runs, *line.plot);
}

/// The command line, the same to all processes. Where one of them does not take it, a path may be missing
/// there, all leave: the first that does not says why, and exit_code is set in all of them.
fed_llm::CommandLine parse(const std::vector<std::string>& arguments,
                           federated::Transport& processes) {
    std::ostringstream out;
    std::ostringstream err;
    fed_llm::CommandLine line = fed_llm::parse_command_line(arguments, out, err);
    std::vector<std::byte> problem;  // the exit code and what was said; nothing where all is well
    if (line.exit_code) {
        problem = federated::bytes_of(err.str());
        problem.insert(problem.begin(), static_cast<std::byte>(*line.exit_code));
    }
    const auto problems = processes.gather(std::move(problem));
    std::vector<std::byte> agreed;
    for (std::size_t rank = 0; rank < problems.size() && agreed.empty(); ++rank) {
        if (problems[rank].empty()) continue;
        agreed.push_back(problems[rank].front());
        if (rank > 0) std::cerr << "process " << rank << ": ";
        std::cerr << federated::text_of(std::span(problems[rank]).subspan(1));
        if (rank == 0) std::cout << out.str();
    }
    processes.broadcast(agreed);
    if (!agreed.empty()) line.exit_code = static_cast<int>(agreed[0]);
    return line;
}

int run(const std::vector<std::string>& arguments, federated::Transport& processes) {
    const bool serves = processes.rank() == 0;
    const fed_llm::CommandLine line = parse(arguments, processes);
    if (line.exit_code) return *line.exit_code;
    if (!line.compare_runs.empty()) {
        if (serves) compare(line);
        return 0;
    }
    const int exit_code =
        fed_llm::run_experiment(line, processes, std::cout, std::cerr, isatty(STDERR_FILENO) == 1);
    if (line.dry_run) expect_printed();
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
