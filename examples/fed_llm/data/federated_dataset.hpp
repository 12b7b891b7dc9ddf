#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "fed_llm/data/example.hpp"

namespace fed_llm {

/// One participant and the data that never leaves it.
struct Client {
    std::string name;
    std::vector<Example> examples;
    std::map<std::string, std::size_t> categories;  ///< how many examples are of which
};

/// What a loader left out.
struct DropCounts {
    std::size_t long_train_instances = 0;  ///< over the length limit
    std::size_t long_test_instances = 0;   ///< over the length limit
    std::vector<std::string> tasks;        ///< with too few instances left
    std::size_t without_category = 0;      ///< of no category, or of one with too few rows
};

/// The clients, and the test examples that the server holds.
struct FederatedDataset {
    std::vector<Client> clients;
    std::vector<Example> test;
    bool final_numbers = false;  ///< references end in "#### NUMBER", which answers are to match
    DropCounts dropped;
};

}  // namespace fed_llm
