#pragma once

#include <ostream>

#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Prints what the run would be: models, shares, steps, bytes and memory. Models are read, nothing is
/// trained or written.
/// Throws: as run_experiment, for options, models and data that do not go together
void print_plan(const Options& options, std::ostream& stream);

}  // namespace kd_lora
