#include "fed_llm/model/loss.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/model/token_check.hpp"

namespace fed_llm {
namespace {

/// A batch as tensors: the model reads every token but the last of each example; `rows` are the
/// positions, in the flattened [batch * length], whose next token belongs to a response.
struct PaddedBatch {
    torch::Tensor tokens;
    torch::Tensor rows;
    torch::Tensor targets;
    std::vector<std::int64_t> response_lengths;
};

void check_example(const Example& example, const LlamaConfig& config) {
    check_tokens(example.tokens, config);
    if (example.prompt_length == 0 || example.prompt_length >= example.tokens.size()) {
        throw std::invalid_argument("example: expected a prompt_length in 1.." +
                                    std::to_string(example.tokens.size() - 1) + ", got " +
                                    std::to_string(example.prompt_length));
    }
}

PaddedBatch pad(std::span<const Example> batch, const torch::Device& device) {
    std::size_t length = 0;
    for (const Example& example : batch) length = std::max(length, example.tokens.size() - 1);
    // Any token pads: no position to its left sees it, and no loss is taken from it.
    std::vector<std::int64_t> tokens(batch.size() * length, 0);
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> targets;
    PaddedBatch padded;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Example& example = batch[i];
        const std::size_t first_row = i * length;
        std::copy(example.tokens.begin(), example.tokens.end() - 1,
                  tokens.begin() + static_cast<std::ptrdiff_t>(first_row));
        for (std::size_t at = example.prompt_length; at < example.tokens.size(); ++at) {
            rows.push_back(static_cast<std::int64_t>(first_row + at - 1));
            targets.push_back(example.tokens[at]);
        }
        padded.response_lengths.push_back(
            static_cast<std::int64_t>(example.tokens.size() - example.prompt_length));
    }
    padded.tokens = torch::tensor(tokens, torch::kInt64)
                        .view({static_cast<std::int64_t>(batch.size()), -1})
                        .to(device);
    padded.rows = torch::tensor(rows, torch::kInt64).to(device);
    padded.targets = torch::tensor(targets, torch::kInt64).to(device);
    return padded;
}

}  // namespace

torch::Tensor response_losses(Llama& model, std::span<const Example> batch) {
    if (batch.empty()) throw std::invalid_argument("batch: expected an example, got none");
    for (const Example& example : batch) check_example(example, model->config());
    const PaddedBatch padded = pad(batch, model->device());
    const torch::Tensor hidden =
        model->hidden_states(padded.tokens).flatten(0, 1).index_select(0, padded.rows);
    const torch::Tensor logits = model->logits(hidden).to(torch::kFloat32);
    const torch::Tensor by_token = torch::nn::functional::cross_entropy(
        logits, padded.targets,
        torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));
    std::vector<torch::Tensor> losses;
    for (const torch::Tensor& response : by_token.split_with_sizes(padded.response_lengths)) {
        losses.push_back(response.mean());
    }
    return torch::stack(losses);
}

torch::Tensor response_loss(Llama& model, std::span<const Example> batch) {
    return response_losses(model, batch).mean();
}

double mean_response_loss(Llama& model, std::span<const Example> examples,
                          std::int64_t max_batch_tokens) {
    if (examples.empty()) throw std::invalid_argument("examples: expected one, got none");
    const torch::NoGradGuard no_grad;
    // By length, so that little is padded.
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return examples[a].tokens.size() < examples[b].tokens.size();
    });
    double sum = 0.0;
    std::vector<Example> batch;
    const auto finish_batch = [&] {
        if (batch.empty()) return;
        sum += response_losses(model, batch).to(torch::kFloat64).sum().item<double>();
        batch.clear();
    };
    for (const std::size_t index : order) {
        // This example is the longest so far, so all are padded to it.
        const std::size_t padded_tokens = (batch.size() + 1) * examples[index].tokens.size();
        if (static_cast<std::int64_t>(padded_tokens) > max_batch_tokens) finish_batch();
        batch.push_back(examples[index]);
    }
    finish_batch();
    return sum / static_cast<double>(examples.size());
}

}  // namespace fed_llm
