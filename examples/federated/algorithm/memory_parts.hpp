#pragma once

#include <string_view>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/model/weights.hpp"

namespace federated {

/// Of a weight, a gradient or an activation: float32.
inline constexpr double bytes_per_number = 4.0;

/// As many float32 numbers as the tensors have, which may be on the meta device.
MemoryPart numbers_in_memory(std::string_view what, const Weights& tensors);

/// What first-order steps on `tuned` hold: the round's weights, gradients, and the moments of the
/// options' optimiser.
std::vector<MemoryPart> first_order_memory(const AlgorithmOptions& options, const Weights& tuned);

/// `parts`, and what error feedback both ways keeps: residuals of so many clients, and the server's.
std::vector<MemoryPart> with_residuals(std::vector<MemoryPart> parts, const Weights& tuned,
                                       std::size_t clients);

/// What zeroth-order steps hold: the round's weights.
std::vector<MemoryPart> zeroth_order_memory(const Weights& tuned);

}  // namespace federated
