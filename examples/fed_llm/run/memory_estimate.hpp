#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "federation/trainable_model.hpp"
#include "model/llama_config.hpp"
#include "run/options.hpp"

namespace fed_llm {

/// Something that lies in memory while a client trains.
struct MemoryPart {
    std::string_view what;  ///< lives as long as the program
    double bytes = 0.0;
};

/// The largest batch of a run.
struct BatchShape {
    std::int64_t examples = 1;
    std::int64_t length = 1;    ///< tokens of the longest
    std::int64_t response = 1;  ///< of these, in a response at most
};

/// Examples, of `length` tokens at most, that a client's step computes with at a time: a batch, or
/// for zeroth-order steps, which need no backward pass, as many of the step's as mean_response_loss
/// takes together.
std::int64_t examples_at_once(const Options& options, std::int64_t length);

/// What the options' algorithm holds, by size alone: what allocators keep in reserve, and LibTorch
/// itself, come on top. `clients` are in the data set. The tensors' values are not read, as in
/// estimate_traffic.
std::vector<MemoryPart> estimate_memory(const Options& options, const TrainableModel& model,
                                        const LlamaConfig& config, const BatchShape& batch,
                                        std::size_t clients);

}  // namespace fed_llm
