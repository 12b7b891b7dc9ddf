#pragma once

#include <memory>

#include "federation/algorithm.hpp"
#include "federation/ferret.hpp"
#include "run/options.hpp"

namespace fed_llm {

/// The algorithm that the options name, on `model`, which outlives it. New algorithms are added
/// here and to option_list.hpp. Throws: ferret::Error for a budget that the model's blocks
/// cannot take.
std::unique_ptr<Algorithm> make_algorithm(const Options& options, TrainableModel& model);

/// What the options say about Ferret's projection of this model's tensors.
FerretSettings ferret_settings(const Options& options, const TrainableModel& model);

}  // namespace fed_llm
