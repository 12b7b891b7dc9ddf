#include "kd_lora/model/trainable_classifier.hpp"

#include <vector>

namespace kd_lora {

std::vector<torch::Tensor> trained_tensors(const SequenceClassifier& model) {
    std::vector<torch::Tensor> tensors;
    for (NamedParameter& parameter : model.trained_parameters()) {
        tensors.push_back(std::move(parameter.tensor));
    }
    return tensors;
}

federated::TrainableModel trainable(const SequenceClassifier& model, const ExampleSource& source,
                                    const federated::ClientRows& clients) {
    federated::TrainableModel trainable;
    for (NamedParameter& parameter : model.trained_parameters()) {
        trainable.names.push_back(std::move(parameter.name));
        trainable.parameters.push_back(std::move(parameter.tensor));
    }
    trainable.loss = [&model, source, &clients](const federated::Batch& batch) {
        std::vector<std::size_t> rows;
        for (const std::size_t place : batch.examples) {
            rows.push_back(clients.at(batch.client).at(place));
        }
        const BatchTensors tensors = source.batch(rows);
        return torch::nn::functional::cross_entropy(
            model.forward(tensors.tokens, tensors.mask).logits, tensors.labels);
    };
    trainable.mean_loss = [loss = trainable.loss](const federated::Batch& batch) {
        const torch::NoGradGuard no_grad;
        return loss(batch).item<double>();
    };
    return trainable;
}

}  // namespace kd_lora
