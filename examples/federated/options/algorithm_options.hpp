#pragma once

#include <cstdint>
#include <string>

namespace federated {

/// All that the algorithms of algorithm/registry.hpp can be told; algorithm_option_list.hpp has names, limits
/// and help, algorithm_choices.hpp what the names among the values stand for. Which of these an algorithm
/// reads is in its row of the registry. Zero stands for the algorithm's own choice where the help says so.
struct AlgorithmOptions {
    std::string algorithm = "ferret";
    std::uint64_t seed = 42;
    double server_lr = 0.0;  ///< 0: server_rate_of

    std::int64_t local_steps = 10;
    std::int64_t accumulate = 1;
    std::int64_t batch_size = 4;
    std::string optimizer = "sgd";
    double lr = 0.1;

    std::string bytes;       ///< empty: default_bytes, where budget is 0
    std::string bytes_down;  ///< empty: as bytes
    std::string basis = "auto";
    std::int64_t budget = 0;       ///< 0: what bytes has room for
    std::int64_t budget_down = 0;  ///< 0: what bytes_down has room for, or as budget
    std::string budget_rule = "proportional";
    std::string layout = "auto";
    std::int64_t blocks = 1;
    std::string coordinates = "auto";
    std::string coordinates_down = "auto";
    std::string seeds = "auto";
    std::string broadcast = "mean";
    std::string seed_refresh = "round";

    std::int64_t pool_size = 4096;
    double perturbation = 5e-4;
    std::int64_t directions = 1;
    std::int64_t lora_rank = 8;
    double lora_alpha = 16.0;
    double pool_momentum = 0.0;
    double clip_norm = 10.0;
};

}  // namespace federated
