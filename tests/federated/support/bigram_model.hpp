#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "federated/model/trainable_model.hpp"
#include "federated/model/weights.hpp"
#include "federated/round/sampling.hpp"

using Tokens = std::vector<std::int64_t>;

/// Each client's five sequences of eight tokens.
using Clients = std::vector<std::vector<Tokens>>;

inline constexpr std::array<std::size_t, 5> all_five{0, 1, 2, 3, 4};

/// Everything that a client has.
inline federated::Batch all_of(std::uint64_t client) {
    return {client, all_five};
}

inline Clients random_clients(std::size_t count) {
    Clients clients(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto generator = federated::named_generator(7, "client" + std::to_string(i));
        clients[i].resize(all_five.size());
        for (Tokens& tokens : clients[i]) {
            for (int j = 0; j < 8; ++j) {
                tokens.push_back(static_cast<std::int64_t>(federated::random_index(generator, 16)));
            }
        }
    }
    return clients;
}

/// The model's mean_loss from its loss.
inline std::function<double(const federated::Batch&)> without_gradient(
    std::function<torch::Tensor(const federated::Batch&)> loss) {
    return [loss = std::move(loss)](const federated::Batch& batch) {
        const torch::NoGradGuard no_grad;
        return loss(batch).item<double>();
    };
}

/// Predicts a token from the one before: logits = table[before] + bias. Small enough to follow by
/// hand, and of two tensors with different shapes.
inline federated::TrainableModel bigram_model(const Clients& clients = random_clients(6)) {
    constexpr std::int64_t vocabulary = 16;
    federated::TrainableModel model;
    model.names = {"table", "bias"};
    const auto values = [](std::int64_t count) {
        return torch::sin(torch::arange(count, torch::kFloat32));
    };
    model.parameters = {
        (values(vocabulary * vocabulary) * 0.5).view({vocabulary, vocabulary}).contiguous(),
        (values(vocabulary) * 0.25).contiguous()};
    for (auto& parameter : model.parameters) parameter.set_requires_grad(true);
    model.loss = [clients, table = model.parameters[0],
                  bias = model.parameters[1]](const federated::Batch& batch) {
        torch::Tensor sum = torch::zeros({});
        for (const std::size_t i : batch.examples) {
            const torch::Tensor tokens =
                torch::tensor(clients.at(batch.client).at(i), torch::kInt64);
            const auto length = tokens.size(0);
            sum = sum + torch::nn::functional::cross_entropy(
                            table.index_select(0, tokens.slice(0, 0, length - 1)) + bias,
                            tokens.slice(0, 1, length));
        }
        return sum / static_cast<double>(batch.examples.size());
    };
    model.mean_loss = without_gradient(model.loss);
    return model;
}

/// The same with a loss so steep that the first step at a rate of 1e38 overflows float.
inline federated::TrainableModel steep_model() {
    federated::TrainableModel model = bigram_model();
    model.loss = [loss = model.loss](const federated::Batch& batch) { return loss(batch) * 1e10; };
    return model;
}

/// Over everything that the first `clients` clients have.
inline double mean_loss(const federated::TrainableModel& model, std::size_t clients) {
    double sum = 0.0;
    for (std::size_t client = 0; client < clients; ++client) sum += model.mean_loss(all_of(client));
    return sum / static_cast<double>(clients);
}

inline bool same_bits(const federated::Weights& left, const federated::Weights& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (!torch::equal(left[i], right[i])) return false;
    }
    return true;
}
