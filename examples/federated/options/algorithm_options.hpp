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

    std::string basis = "truncated-normal";
    std::int64_t budget = 4096;
    std::string budget_rule = "norm-share";
    std::string layout = "grouped";
    std::int64_t blocks = 1;
    std::string coordinates = "float32";
    std::string seeds = "shared";
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
