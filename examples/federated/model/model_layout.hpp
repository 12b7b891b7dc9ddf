#pragma once

#include <cstdint>
#include <ferret/block/layout.hpp>
#include <string_view>

#include "federated/model/trainable_model.hpp"

namespace federated {

/// The blocks over the model's tensors, which keep their names: "grouped", "per-tensor", or "uniform"
/// for `blocks` of one size, the last one smaller (fewer where d is under blocks^2 and does not
/// divide).
/// Throws: std::invalid_argument for another name, or fewer than 1 block
ferret::Layout make_layout(const TrainableModel& model, std::string_view name, std::int64_t blocks);

}  // namespace federated
