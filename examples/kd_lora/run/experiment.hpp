#pragma once

#include <ostream>

#include "federated/transport/transport.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Exit code of a run that was interrupted and can be continued.
inline constexpr int interrupted_exit_code = 130;

/// Runs, or continues, what the command line asks for, as one of the processes that do it together.
/// Results go to `results`, progress and warnings to `progress`, with bars if `terminal`; of the server's
/// process alone. Returns the exit code.
///
/// At the end the run folder has, beside what every federation leaves, `model`: the tuned student, with
/// its adapters merged; `adapter`: these in PEFT's format; `teacher`; and in `results` the rounds as the
/// public code writes them.
/// Throws: an exception derived from std::exception that says what is wrong
int run_experiment(const CommandLine& line, federated::Transport& processes, std::ostream& results,
                   std::ostream& progress, bool terminal);

}  // namespace kd_lora
