#pragma once

#include <memory>

#include "federation/algorithm.hpp"
#include "run/options.hpp"

namespace fed_llm {

/// The algorithm that the options name, on `model`, which outlives it. New algorithms are added
/// here and to the list in options.cpp. Throws: ferret::Error for a budget that the model's blocks
/// cannot take.
std::unique_ptr<Algorithm> make_algorithm(const Options& options, TrainableModel& model);

}  // namespace fed_llm
