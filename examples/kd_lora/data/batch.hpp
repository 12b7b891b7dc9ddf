#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "federated/options/choice.hpp"
#include "kd_lora/data/encoded_example.hpp"

namespace kd_lora {

/// Examples side by side, the shorter ones padded to the longest.
/// Shapes: tokens and attention_mask are rows x length, a row after the other; labels has rows.
struct Batch {
    std::vector<std::int64_t> tokens;
    std::vector<std::int64_t> attention_mask;  ///< 1 at a token, 0 at padding
    std::vector<std::int64_t> labels;
    std::int64_t rows = 0;
    std::int64_t length = 0;  ///< of the longest row
};

/// The examples at `rows`, in that order.
/// Throws: std::invalid_argument where there are no rows.
Batch make_batch(std::span<const EncodedExample> examples, std::span<const std::size_t> rows,
                 std::int64_t padding_token);

/// Which examples share a batch.
enum class Batching {
    random,  ///< whoever comes next
    length   ///< those of like length, which leaves less padding
};

inline constexpr federated::Choice<Batching> batchings[] = {{"random", Batching::random},
                                                            {"length", Batching::length}};

/// The rows of each batch, of `size` rows but for one.
using BatchRows = std::vector<std::vector<std::size_t>>;

/// The rows in their order, `size` in each batch; the last has what is left.
/// Throws: std::invalid_argument for size 0.
BatchRows cut_batches(std::span<const std::size_t> rows, std::size_t size);

/// The same from the shortest example to the longest; equally long ones in their order. For
/// evaluation, which minds no order.
BatchRows batches_by_length(std::span<const EncodedExample> examples,
                            std::span<const std::size_t> rows, std::size_t size);

/// The batches of a pass over `rows`, which are in random order: cut_batches, or batches_by_length in
/// random order.
/// Repro: a function of the rows and, where batches are of like length, the generator's state.
BatchRows training_batches(std::span<const EncodedExample> examples,
                           std::span<const std::size_t> rows, std::size_t size, Batching batching,
                           std::mt19937_64& generator);

}  // namespace kd_lora
