#pragma once

#include <ostream>

#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Trains the teacher of the options on the public share with a rate that goes down to 0, and saves it with
/// its tokenizer as the folder --out, which is not there yet. Scores go to `results`, progress and warnings
/// to `progress`, as a bar where that is a `terminal`. Returns the exit code.
/// Throws: an exception derived from std::exception that says what is wrong; the folder is then not made
/// Repro:  a function of the options, the folders' files, the LibTorch release and the number of threads
int pretrain(const Options& options, std::ostream& results, std::ostream& progress, bool terminal);

}  // namespace kd_lora
