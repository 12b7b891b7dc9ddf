#pragma once

#include <ostream>

#include "run/options.hpp"

namespace fed_llm {

/// Exit code of a run that was interrupted and can be continued.
inline constexpr int interrupted_exit_code = 130;

/// Runs, or continues, what the command line asks for. Results go to `results`, progress and
/// warnings to `progress`, with bars if `terminal`. Returns the exit code.
/// Throws: an exception derived from std::exception that says what is wrong.
int run_experiment(const CommandLine& line, std::ostream& results, std::ostream& progress,
                   bool terminal);

}  // namespace fed_llm
