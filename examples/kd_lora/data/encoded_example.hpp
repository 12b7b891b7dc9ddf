#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// A sentence as the model reads it.
struct EncodedExample {
    std::vector<std::int64_t> tokens;  ///< with [CLS] and [SEP], cut to what the model takes
    std::int64_t label = 0;

    bool operator==(const EncodedExample&) const = default;
};

/// Turns a sentence into the tokens that the model reads.
using Tokenize = std::function<std::vector<std::int64_t>(std::string_view sentence)>;

/// The examples in their order. `on_example` is called before each; what it throws ends the work.
/// Throws: std::invalid_argument where `tokenize` gives no token.
std::vector<EncodedExample> encode(std::span<const LabelledExample> examples,
                                   const Tokenize& tokenize,
                                   const std::function<void()>& on_example = {});

/// CRC-64/XZ of tokens and labels, as 16 hexadecimal digits: tells whether a continued run reads the
/// data it was begun with. Cost: O(tokens).
std::string fingerprint(std::span<const EncodedExample> examples);

}  // namespace kd_lora
