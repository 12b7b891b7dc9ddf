#pragma once

#include <memory>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/roles.hpp"
#include "federated/model/trainable_model.hpp"
#include "kd_lora/federation/client_training.hpp"
#include "kd_lora/federation/server_phase.hpp"
#include "kd_lora/federation/weighted_average.hpp"
#include "kd_lora/inputs/run_inputs.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

// What the options come to, each for one part of a federation.

/// `inputs` outlives what is returned.
ExampleSource training_source(const Options& options, const RunInputs& inputs);
ExampleSource validation_source(const Options& options, const RunInputs& inputs);
ClientTraining client_training(const Options& options, const RunInputs& inputs);
ServerPhase server_phase(const Options& options, const RunInputs& inputs);

/// The options of federated's algorithm that carries the scheme's updates, complete: FedAvg, or Ferret with
/// what the options leave open chosen for the model's tuned tensors.
federated::AlgorithmOptions algorithm_options(const Options& options,
                                              const federated::TrainableModel& model);

/// The bytes of a client in a round, the federation's headers among them.
federated::Traffic scheme_traffic(const Options& options,
                                  const federated::AlgorithmOptions& complete,
                                  const federated::TrainableModel& model);

/// The scheme's client. What it is given outlives it.
std::unique_ptr<federated::ClientAlgorithm> make_client(const Options& options,
                                                        const federated::AlgorithmOptions& complete,
                                                        const RunInputs& inputs,
                                                        const SequenceClassifier& student,
                                                        federated::TrainableModel& model);

/// The scheme's server. `teacher` is null where the scheme has none; `on_update` may be empty.
std::unique_ptr<federated::ServerAlgorithm> make_server(
    const Options& options, const federated::AlgorithmOptions& complete, const RunInputs& inputs,
    const SequenceClassifier& student, const SequenceClassifier* teacher,
    federated::TrainableModel& model, UpdateObserver on_update,
    federated::ProgressObserver observe);

}  // namespace kd_lora
