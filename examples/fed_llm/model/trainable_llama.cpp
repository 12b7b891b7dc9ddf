#include "fed_llm/model/trainable_llama.hpp"

#include "fed_llm/model/loss.hpp"

namespace fed_llm {
namespace {

std::vector<Example> examples_of(std::span<const Client> clients, const federated::Batch& batch) {
    std::vector<Example> examples;
    for (const std::size_t index : batch.examples) {
        examples.push_back(clients[batch.client].examples.at(index));
    }
    return examples;
}

}  // namespace

federated::TrainableModel trainable(const Llama& model, std::span<const Client> clients) {
    federated::TrainableModel result;
    for (const auto& parameter : model->named_parameters()) {
        result.names.push_back(parameter.key());
        result.parameters.push_back(parameter.value());
    }
    result.loss = [shared = model, clients](const federated::Batch& batch) mutable {
        return response_loss(shared, examples_of(clients, batch));
    };
    result.mean_loss = [shared = model, clients](const federated::Batch& batch) mutable {
        return mean_response_loss(shared, examples_of(clients, batch));
    };
    return result;
}

}  // namespace fed_llm
