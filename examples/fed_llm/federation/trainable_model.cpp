#include "federation/trainable_model.hpp"

#include "model/loss.hpp"

namespace fed_llm {

TrainableModel trainable(const Llama& model) {
    TrainableModel result;
    for (const auto& parameter : model->named_parameters()) {
        result.names.push_back(parameter.key());
        result.parameters.push_back(parameter.value());
    }
    result.loss = [shared = model](std::span<const Example> batch) mutable {
        return response_loss(shared, batch);
    };
    result.mean_loss = [shared = model](std::span<const Example> examples) mutable {
        return mean_response_loss(shared, examples);
    };
    return result;
}

}  // namespace fed_llm
