#include "fed_llm/estimates/activations.hpp"

#include <algorithm>

#include "fed_llm/model/loss.hpp"
#include "federated/algorithm/memory_parts.hpp"

namespace fed_llm {
namespace {

/// What the backward pass of one layer keeps of the forward pass, per token. Attention keeps a
/// number for each head and earlier position.
double activations_per_token(const LlamaConfig& config, const BatchShape& batch) {
    const auto hidden = static_cast<double>(config.hidden_size);
    const auto heads = static_cast<double>(config.num_attention_heads);
    const double queries = heads * static_cast<double>(config.attention_head_dim());
    const auto inner = static_cast<double>(config.intermediate_size);
    return 6.0 * hidden + 5.0 * queries + heads * static_cast<double>(batch.length) + 4.0 * inner;
}

}  // namespace

std::int64_t examples_at_once(const federated::AlgorithmOptions& options, std::int64_t length) {
    if (federated::find_algorithm(options.algorithm).gradients) return options.batch_size;
    return std::min(options.accumulate * options.batch_size,
                    std::max<std::int64_t>(1, most_batch_tokens / length));
}

federated::MemoryPart activations(const federated::AlgorithmOptions& options,
                                  const LlamaConfig& config, const BatchShape& batch) {
    const auto examples = static_cast<double>(batch.examples);
    const double tokens = examples * static_cast<double>(batch.length);
    const bool gradients = federated::find_algorithm(options.algorithm).gradients;
    const double layers = gradients ? static_cast<double>(config.num_hidden_layers) : 1.0;
    // Logits, their softmax and its gradient, of response tokens only.
    const double head = 3.0 * examples * static_cast<double>(batch.response) *
                        static_cast<double>(config.vocab_size);
    return {"activations", federated::bytes_per_number *
                               (layers * tokens * activations_per_token(config, batch) + head)};
}

}  // namespace fed_llm
