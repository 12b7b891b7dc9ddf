#include "run/memory_estimate.hpp"

#include <algorithm>
#include <string>

#include "federation/weights.hpp"
#include "model/loss.hpp"
#include "run/traffic_estimate.hpp"

namespace fed_llm {
namespace {

constexpr double bytes_per_number = 4.0;  // float32

/// What the backward pass of one layer keeps of the forward pass, per token. Attention keeps a
/// number for each head and earlier position.
double activations_per_token(const LlamaConfig& config, const BatchShape& batch) {
    const auto hidden = static_cast<double>(config.hidden_size);
    const auto heads = static_cast<double>(config.num_attention_heads);
    const double queries = heads * static_cast<double>(config.attention_head_dim());
    const auto inner = static_cast<double>(config.intermediate_size);
    return 6.0 * hidden + 5.0 * queries + heads * static_cast<double>(batch.length) + 4.0 * inner;
}

double activation_count(const LlamaConfig& config, const BatchShape& batch, bool gradients) {
    const auto examples = static_cast<double>(batch.examples);
    const double tokens = examples * static_cast<double>(batch.length);
    const double layers = gradients ? static_cast<double>(config.num_hidden_layers) : 1.0;
    // Logits, their softmax and its gradient, of response tokens only.
    const double head = 3.0 * examples * static_cast<double>(batch.response) *
                        static_cast<double>(config.vocab_size);
    return layers * tokens * activations_per_token(config, batch) + head;
}

/// Moments of the optimiser that the algorithm trains with, for each tuned number.
double moments(const Options& options) {
    if (options.algorithm == "fedit") return 2.0;  // Adam, whatever --optimizer says
    if (options.algorithm == "fedit-sgd") return 0.0;
    return options.optimizer == "sgd" ? 0.0 : 2.0;
}

bool zeroth_order(const std::string& algorithm) {
    return algorithm == "fedkseed" || algorithm == "fedkseed-pro" || algorithm == "fedzo";
}

}  // namespace

std::int64_t examples_at_once(const Options& options, std::int64_t length) {
    if (!zeroth_order(options.algorithm)) return options.batch_size;
    return std::min(options.accumulate * options.batch_size,
                    std::max<std::int64_t>(1, most_batch_tokens / length));
}

std::vector<MemoryPart> estimate_memory(const Options& options, const TrainableModel& model,
                                        const LlamaConfig& config, const BatchShape& batch,
                                        std::size_t clients) {
    const std::string& name = options.algorithm;
    const auto weights = static_cast<double>(parameter_count(model.parameters));
    const bool adapters = name == "fedit" || name == "fedit-sgd";
    const bool kseed = name == "fedkseed" || name == "fedkseed-pro";
    const bool gradients = !zeroth_order(name);
    const Weights tuned_tensors = adapters ? adapter_parameters(options, model) : model.parameters;
    const auto tuned = static_cast<double>(parameter_count(tuned_tensors));

    std::vector<MemoryPart> parts;
    const auto add = [&](std::string_view what, double numbers) {
        if (numbers > 0.0) parts.push_back({what, bytes_per_number * numbers});
    };
    add("weights", weights);
    if (kseed) add("first weights", weights);
    if (adapters) {
        double adapted = 0.0;  // a matrix [out, in] has the pair A [rank, in], B [out, rank]
        for (std::size_t i = 0; i + 1 < tuned_tensors.size(); i += 2) {
            adapted += static_cast<double>(tuned_tensors[i].size(1) * tuned_tensors[i + 1].size(0));
        }
        add("adapted matrices, their gradients and changes", 3.0 * adapted);
        add("adapters", tuned);
    }
    add("copy of the round's weights", tuned);
    if (gradients) {
        add("gradients", tuned);
        add("optimiser", moments(options) * tuned);
    }
    if (name == "fedavg" || name == "fedzo" || adapters) add("sum of the updates", tuned);
    if (name == "top-k") {
        add("residuals of all clients", static_cast<double>(clients) * weights);
    }
    add("activations", activation_count(config, batch, gradients));
    return parts;
}

}  // namespace fed_llm
