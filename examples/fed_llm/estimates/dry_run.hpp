#pragma once

#include <ostream>

#include "fed_llm/options/options.hpp"

namespace fed_llm {

/// Prints what a run would be: model, clients and their data, rounds, blocks, bytes and memory.
/// Reads the model's configuration and tokenizer and the data, not the weights, and writes nothing
/// that stays.
/// Throws: as run_experiment for what is wrong before the first round.
void print_plan(const Options& options, std::ostream& stream);

}  // namespace fed_llm
