#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shapes.hpp"

namespace fed_round {

/// What to measure. Zero stands for the shape's own value.
struct Options {
    std::string shape = "tiny";
    std::string dtype = "bfloat16";
    std::string device = "cpu";
    std::string algorithm = "all";
    std::vector<std::string> bases{"truncated-normal", "sparse-sign"};
    std::uint64_t budget = 0;
    std::string budget_rule = "norm-share";
    std::int64_t local_steps = 10;
    double learning_rate = 0.1;
    std::int64_t sequence_length = 1024;
    std::int64_t clients = 1;
    std::int64_t repetitions = 3;
    double zeroth_order_share = 1.0;
    std::string out;

    const Shape& model_shape() const;
};

/// Reads the command line. Where it asks for help or is wrong, says so, sets `exit_code`, and the
/// options are not to be used.
Options parse_options(int count, const char* const* arguments, std::optional<int>& exit_code);

}  // namespace fed_round
