#include "kd_lora/data/batch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "federated/round/sampling.hpp"

namespace kd_lora {

Batch make_batch(std::span<const EncodedExample> examples, std::span<const std::size_t> rows,
                 std::int64_t padding_token) {
    if (rows.empty()) throw std::invalid_argument("batch: expected rows, got none");
    std::size_t length = 0;
    for (const std::size_t row : rows) length = std::max(length, examples[row].tokens.size());
    Batch batch;
    batch.rows = static_cast<std::int64_t>(rows.size());
    batch.length = static_cast<std::int64_t>(length);
    for (const std::size_t row : rows) {
        const std::vector<std::int64_t>& tokens = examples[row].tokens;
        batch.tokens.insert(batch.tokens.end(), tokens.begin(), tokens.end());
        batch.tokens.resize(batch.tokens.size() + length - tokens.size(), padding_token);
        batch.attention_mask.resize(batch.attention_mask.size() + tokens.size(), 1);
        batch.attention_mask.resize(batch.tokens.size(), 0);
        batch.labels.push_back(examples[row].label);
    }
    return batch;
}

BatchRows cut_batches(std::span<const std::size_t> rows, std::size_t size) {
    if (size == 0) throw std::invalid_argument("batches: expected a positive size, got 0");
    BatchRows batches;
    while (!rows.empty()) {
        const auto batch = rows.first(std::min(size, rows.size()));
        batches.emplace_back(batch.begin(), batch.end());
        rows = rows.subspan(batch.size());
    }
    return batches;
}

BatchRows batches_by_length(std::span<const EncodedExample> examples,
                            std::span<const std::size_t> rows, std::size_t size) {
    std::vector<std::size_t> sorted(rows.begin(), rows.end());
    std::ranges::stable_sort(sorted, {},
                             [&](std::size_t row) { return examples[row].tokens.size(); });
    return cut_batches(sorted, size);
}

BatchRows training_batches(std::span<const EncodedExample> examples,
                           std::span<const std::size_t> rows, std::size_t size, Batching batching,
                           std::mt19937_64& generator) {
    if (batching == Batching::random) return cut_batches(rows, size);
    BatchRows sorted = batches_by_length(examples, rows, size);
    BatchRows batches;
    for (const std::size_t at :
         federated::sample_without_replacement(generator, sorted.size(), sorted.size())) {
        batches.push_back(std::move(sorted[at]));
    }
    return batches;
}

}  // namespace kd_lora
