#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kd_lora {

/// A sentence and the class that it is of, counted from 0.
struct LabelledExample {
    std::string sentence;
    std::int64_t label = 0;

    bool operator==(const LabelledExample&) const = default;
};

/// What a file holds, in its order.
struct LabelledFile {
    std::vector<LabelledExample> examples;
    std::vector<std::size_t> lines;  ///< the number of each example's line, from 1
};

}  // namespace kd_lora
