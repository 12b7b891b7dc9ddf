#pragma once

#include <string>

#include "data/federated_dataset.hpp"
#include "federation/weights.hpp"

namespace fed_llm {

/// CRC-64/XZ of the tokens of all clients and of the test examples, as 16 hexadecimal digits: tells
/// whether a continued run reads the data it was begun with. Cost: O(tokens).
std::string fingerprint(const FederatedDataset& dataset);

/// The same for tensors, over their types, shapes and bits. Cost: O(d), and a copy of one tensor.
std::string fingerprint(const Weights& weights);

}  // namespace fed_llm
