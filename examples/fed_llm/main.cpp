#include <unistd.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "run/compare.hpp"
#include "run/experiment.hpp"
#include "run/options.hpp"
#include "run/plot.hpp"

namespace {

/// For what has no other product: a full disk must not pass for success.
void expect_printed() {
    std::cout << std::flush;
    if (!std::cout) throw std::runtime_error("standard output: expected a complete write");
}

int run(const std::vector<std::string>& arguments) {
    const fed_llm::CommandLine line = fed_llm::parse_command_line(arguments);
    if (line.exit_code) return *line.exit_code;
    if (line.compare_runs.empty()) {
        const int exit_code =
            fed_llm::run_experiment(line, std::cout, std::cerr, isatty(STDERR_FILENO) == 1);
        if (line.dry_run) expect_printed();
        return exit_code;
    }
    std::vector<fed_llm::ComparedRun> runs;
    for (const auto& folder : line.compare_runs) runs.push_back(fed_llm::read_run(folder));
    fed_llm::print_comparison(std::cout, runs);
    expect_printed();
    if (line.plot) fed_llm::plot_runs(line.compare_runs, *line.plot);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "fed_llm: " << error.what() << std::endl;
        return 1;
    }
}
