#pragma once

#include <ostream>

#include "fed_llm/options/options.hpp"
#include "federated/transport/transport.hpp"

namespace fed_llm {

/// Exit code of a run that was interrupted and can be continued.
inline constexpr int interrupted_exit_code = 130;

/// Runs, or continues, what the command line asks for, as one of the processes that do it together.
/// Results go to `results`, progress and warnings to `progress`, with bars if `terminal`; of the server's
/// process alone. Returns the exit code.
/// Throws: an exception derived from std::exception that says what is wrong.
int run_experiment(const CommandLine& line, federated::Transport& processes, std::ostream& results,
                   std::ostream& progress, bool terminal);

}  // namespace fed_llm
