#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "data/federated_dataset.hpp"
#include "data/sampling.hpp"
#include "federation/trainable_model.hpp"
#include "federation/weights.hpp"

/// Predicts a token from the one before: logits = table[before] + bias. Small enough to follow by
/// hand, and of two tensors with different shapes.
inline fed_llm::TrainableModel bigram_model() {
    constexpr std::int64_t vocabulary = 16;
    fed_llm::TrainableModel model;
    model.names = {"table", "bias"};
    const auto values = [](std::int64_t count) {
        return torch::sin(torch::arange(count, torch::kFloat32));
    };
    model.parameters = {
        (values(vocabulary * vocabulary) * 0.5).view({vocabulary, vocabulary}).contiguous(),
        (values(vocabulary) * 0.25).contiguous()};
    for (auto& parameter : model.parameters) parameter.set_requires_grad(true);
    model.loss = [table = model.parameters[0],
                  bias = model.parameters[1]](std::span<const fed_llm::Example> batch) {
        torch::Tensor sum = torch::zeros({});
        for (const fed_llm::Example& example : batch) {
            const torch::Tensor tokens = torch::tensor(example.tokens, torch::kInt64);
            const auto length = tokens.size(0);
            sum = sum + torch::nn::functional::cross_entropy(
                            table.index_select(0, tokens.slice(0, 0, length - 1)) + bias,
                            tokens.slice(0, 1, length));
        }
        return sum / static_cast<double>(batch.size());
    };
    model.mean_loss = [loss = model.loss](std::span<const fed_llm::Example> examples) {
        const torch::NoGradGuard no_grad;
        return loss(examples).item<double>();
    };
    return model;
}

/// The same with a loss so steep that the first step at a rate of 1e38 overflows float.
inline fed_llm::TrainableModel steep_model() {
    fed_llm::TrainableModel model = bigram_model();
    model.loss = [loss = model.loss](std::span<const fed_llm::Example> batch) {
        return loss(batch) * 1e10;
    };
    return model;
}

/// `count` sequences of eight tokens.
inline std::vector<fed_llm::Example> random_examples(std::size_t count, const std::string& name) {
    auto generator = fed_llm::named_generator(7, name);
    std::vector<fed_llm::Example> examples(count);
    for (auto& example : examples) {
        example.prompt_length = 1;
        for (int i = 0; i < 8; ++i) {
            example.tokens.push_back(
                static_cast<std::int64_t>(fed_llm::random_index(generator, 16)));
        }
    }
    return examples;
}

inline fed_llm::FederatedDataset random_dataset(std::size_t clients) {
    fed_llm::FederatedDataset dataset;
    for (std::size_t i = 0; i < clients; ++i) {
        const std::string name = "client" + std::to_string(i);
        dataset.clients.push_back(
            {.name = name, .examples = random_examples(5, name), .categories = {}});
    }
    dataset.test = random_examples(6, "test");
    return dataset;
}

inline bool same_bits(const fed_llm::Weights& left, const fed_llm::Weights& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (!torch::equal(left[i], right[i])) return false;
    }
    return true;
}
