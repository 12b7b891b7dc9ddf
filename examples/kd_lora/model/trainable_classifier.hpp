#pragma once

#include "federated/data/split.hpp"
#include "federated/model/trainable_model.hpp"
#include "kd_lora/federation/batch_tensors.hpp"
#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// Classifier and clients for a federation: what is tuned are the trained_parameters(), all of them or
/// adapters and head, in their order; a batch's examples are places in the client's rows.
///
/// Losses are mean cross entropies without dropout. `model`, the examples and `clients` outlive what is
/// returned.
/// Throws: the losses, std::invalid_argument for a batch without examples, and std::out_of_range for a
///         client or a place that there is not
federated::TrainableModel trainable(const SequenceClassifier& model, const ExampleSource& source,
                                    const federated::ClientRows& clients);

/// The tensors of trained_parameters(), shared with the model.
std::vector<torch::Tensor> trained_tensors(const SequenceClassifier& model);

}  // namespace kd_lora
