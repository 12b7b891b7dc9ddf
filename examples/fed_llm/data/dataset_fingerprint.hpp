#pragma once

#include <string>

#include "fed_llm/data/federated_dataset.hpp"

namespace fed_llm {

/// CRC-64/XZ of the tokens of all clients and of the test examples, as 16 hexadecimal digits: tells
/// whether a continued run reads the data it was begun with. Cost: O(tokens).
std::string fingerprint(const FederatedDataset& dataset);

}  // namespace fed_llm
