#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace federated {

/// Lists of tensors as points in R^d. No function here is recorded for differentiation.
using Weights = std::vector<torch::Tensor>;

/// Numbers in each tensor. Cost: O(number of tensors).
std::vector<std::size_t> tensor_sizes(const Weights& weights);

/// Numbers in all tensors (d). Cost: O(number of tensors).
std::int64_t parameter_count(const Weights& weights);

/// A deep copy. Cost: O(d).
Weights clone_weights(const Weights& source);

/// target := source, in place. Cost: O(d). Throws: std::invalid_argument if the lists differ in
/// length or a tensor in shape or type; target is then untouched.
void assign_weights(Weights& target, const Weights& source);

/// target := target + scale * source, in place. Throws: as assign_weights.
void add_weights(Weights& target, const Weights& source, double scale);

/// after := before - after, in place: the update that a server subtracts. Throws: as
/// assign_weights.
void make_delta(const Weights& before, Weights& after);

/// Returns when what was queued on the tensors' GPU is done, so that a clock tells its time; at once
/// on the processor.
void synchronize(const Weights& weights);

/// Whether no entry is NaN or infinite. Cost: O(d).
bool all_finite(const Weights& weights);

}  // namespace federated
