#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/example.hpp"

namespace fed_llm {

/// One participant and the data that never leaves it.
struct Client {
    std::string name;
    std::vector<Example> examples;
};

/// What a loader left out.
struct DropCounts {
    std::size_t long_train_instances = 0;  ///< over the length limit
    std::size_t long_test_instances = 0;   ///< over the length limit
    std::vector<std::string> tasks;        ///< with too few instances left
};

/// The clients, and the test examples that the server holds.
struct FederatedDataset {
    std::vector<Client> clients;
    std::vector<Example> test;
    DropCounts dropped;
};

}  // namespace fed_llm
