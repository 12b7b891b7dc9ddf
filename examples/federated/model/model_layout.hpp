#pragma once

#include <cstdint>
#include <ferret/block/layout.hpp>

#include "federated/model/trainable_model.hpp"
#include "federated/options/algorithm_choices.hpp"
#include "federated/options/algorithm_options.hpp"

namespace federated {

/// The blocks over the model's tensors, which keep their names. Uniform ones are `blocks` of one size,
/// the last one smaller (fewer where d is under blocks^2 and does not divide).
/// Throws: std::invalid_argument for fewer than 1 uniform block
ferret::Layout make_layout(const TrainableModel& model, LayoutKind kind, std::int64_t blocks = 1);

/// The layout of the options. Throws: as above; std::invalid_argument for another name
ferret::Layout make_layout(const TrainableModel& model, const AlgorithmOptions& options,
                           LayoutKind otherwise = LayoutKind::uniform);

}  // namespace federated
