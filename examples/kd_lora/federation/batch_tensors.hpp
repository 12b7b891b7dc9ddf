#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "kd_lora/data/batch.hpp"

namespace kd_lora {

/// A batch as models read it.
/// Shapes: tokens and mask [rows, length], labels [rows]; all int64
struct BatchTensors {
    torch::Tensor tokens;
    torch::Tensor mask;
    torch::Tensor labels;
};

/// Encoded examples, and what a batch of them needs beside them.
struct ExampleSource {
    std::span<const EncodedExample> examples;
    std::int64_t padding_token = 0;
    torch::Device device = torch::kCPU;

    /// The batch of the examples at `rows`. Throws: std::invalid_argument where there are no rows
    BatchTensors batch(std::span<const std::size_t> rows) const;
};

}  // namespace kd_lora
