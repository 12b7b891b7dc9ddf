#pragma once

#include <cstdint>

#include "fed_llm/model/llama_config.hpp"
#include "federated/algorithm/registry.hpp"

namespace fed_llm {

/// The largest batch of a run.
struct BatchShape {
    std::int64_t examples = 1;
    std::int64_t length = 1;    ///< tokens of the longest
    std::int64_t response = 1;  ///< of these, in a response at most
};

/// Examples, of `length` tokens at most, that a client's step computes with at a time: a batch, or
/// for zeroth-order steps, which need no backward pass, as many of the step's as mean_response_loss
/// takes together.
std::int64_t examples_at_once(const federated::AlgorithmOptions& options, std::int64_t length);

/// What a step of the options' algorithm computes with, by size alone.
federated::MemoryPart activations(const federated::AlgorithmOptions& options,
                                  const LlamaConfig& config, const BatchShape& batch);

}  // namespace fed_llm
