#pragma once

#include <cstddef>
#include <cstdint>

#include "federated/algorithm/training_client.hpp"
#include "federated/data/split.hpp"
#include "kd_lora/federation/steps.hpp"

namespace kd_lora {

/// How clients tune the student.
struct ClientTraining {
    ExampleSource source;
    const federated::ClientRows& clients;  ///< rows of `source`
    std::size_t batch_size = 32;
    std::size_t examples_per_round = 0;  ///< of a pass, at most; 0: the whole share
    std::int64_t epochs = 1;             ///< passes in a round
    Batching batching = Batching::random;
    AdamWKind optimizer = AdamWKind::transformers;
    double learning_rate = 1e-4;
    std::uint64_t seed = 0;  ///< of data order and dropout
};

/// How many examples a pass of a client with a share of that size has.
std::size_t examples_of_pass(const ClientTraining& training, std::size_t share);

/// The client's part of a round: `epochs` passes over the next examples of its share's walk with a fresh
/// AdamW at a constant rate, dropout on. `model` and what `training` refers to outlive the trainer.
///
/// Repro: a function of the model's weights, the settings, the client and the round alone, so that neither
///        the process that trains nor rounds before count; LibTorch's generators are not used
federated::LocalTrainer client_trainer(const SequenceClassifier& model,
                                       const ClientTraining& training);

/// The rows of `passes` passes over the next `count` rows each that the walk comes to in a round, in batches.
/// Every round takes as many. `name` tells walks of one seed apart.
BatchRows batches_of_round(const ExampleSource& source, std::vector<std::size_t> share,
                           std::size_t count, std::int64_t passes, std::size_t batch_size,
                           Batching batching, std::uint64_t seed, const std::string& name,
                           const federated::Round& round);

}  // namespace kd_lora
