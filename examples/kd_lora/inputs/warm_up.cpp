#include "kd_lora/inputs/warm_up.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "federated/algorithm/data_order.hpp"
#include "federated/round/sampling.hpp"
#include "kd_lora/data/batch.hpp"
#include "kd_lora/training/hugging_face_adamw.hpp"

namespace kd_lora {
namespace {

torch::Tensor loss_of(const SequenceClassifier& model, const Batch& batch) {
    const std::vector<std::int64_t> shape{batch.rows, batch.length};
    const ClassifierOutput output = model.forward(torch::tensor(batch.tokens).view(shape),
                                                  torch::tensor(batch.attention_mask).view(shape));
    return torch::nn::functional::cross_entropy(output.logits, torch::tensor(batch.labels));
}

/// Rises over a tenth of the steps, then falls to 0.
double rate_share(std::int64_t step, std::int64_t steps) {
    const double done = static_cast<double>(step + 1) / static_cast<double>(steps);
    return std::min(10.0 * done, 1.0) *
           (1.0 - static_cast<double>(step) / static_cast<double>(steps));
}

void draw_head(SequenceClassifier& model, std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    SequenceClassifier other = new_classifier(model.config(), seed);
    const std::vector<Projection*> drawn = other.projections();
    const std::vector<Projection*> own = model.projections();
    for (std::size_t i = own.size() - 2; i < own.size(); ++i) {
        own[i]->weight.copy_(drawn[i]->weight);
        own[i]->bias.copy_(drawn[i]->bias);
    }
}

}  // namespace

void warm_up(SequenceClassifier& model, const std::vector<EncodedExample>& examples,
             const WarmUp& settings, std::uint64_t seed,
             const std::function<void(double loss)>& on_step) {
    std::vector<torch::Tensor> trained;
    for (const NamedParameter& parameter : model.parameters()) trained.push_back(parameter.tensor);
    HuggingFaceAdamW optimizer({torch::optim::OptimizerParamGroup(trained)},
                               settings.learning_rate);
    federated::DataOrder order(examples.size(), federated::named_generator(seed, "warm-up"));
    for (std::int64_t step = 0; step < settings.steps; ++step) {
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups().front().options())
            .lr(settings.learning_rate * rate_share(step, settings.steps));
        const std::vector<std::size_t> rows = order.next(settings.batch_size);
        const torch::Tensor loss =
            loss_of(model, make_batch(examples, rows, model.config().pad_token_id));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        on_step(loss.item<double>());
    }
    for (torch::Tensor& tensor : trained) tensor.mutable_grad().reset();
    draw_head(model, seed);
}

}  // namespace kd_lora
