#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fed_llm {

/// The keys and values of the positions that a model has already seen, one pair per layer.
///
/// Shapes: [batch, num_key_value_heads, capacity, head_dim] per layer, allocated on first use.
class KeyValueCache {
public:
    /// A cache for at most `capacity` positions.
    explicit KeyValueCache(std::int64_t capacity) : capacity_(capacity) {}

    std::int64_t capacity() const { return capacity_; }

    /// The number of positions held for every layer.
    std::int64_t length() const { return length_; }

    /// Stores the keys and values of positions length().. of one layer, and returns all of that
    /// layer's, the new ones included. The tensors carry no gradient.
    /// Throws: std::length_error where they do not fit.
    std::pair<torch::Tensor, torch::Tensor> append(std::size_t layer, const torch::Tensor& keys,
                                                   const torch::Tensor& values);

    /// Counts `positions` as held, once every layer has stored them.
    void advance(std::int64_t positions) { length_ += positions; }

private:
    struct Layer {
        torch::Tensor keys;
        torch::Tensor values;
    };
    std::int64_t capacity_;
    std::int64_t length_ = 0;
    std::vector<Layer> layers_;
};

}  // namespace fed_llm
