#pragma once

#include <cstdint>

#include "federated/model/weights.hpp"

namespace federated {

/// ferret::model_fingerprint of LibTorch tensors, on the device that they are on.
/// Throws: as ferret's; std::runtime_error for tensors on a GPU in a program built without
/// Repro:  the same number on every device
std::uint64_t model_fingerprint(const Weights& weights);

}  // namespace federated
