#include "kd_lora/inputs/small_models.hpp"

#include <string>
#include <vector>

namespace kd_lora {
namespace {

/// The tensors whose names start so, in their order.
std::vector<torch::Tensor> tensors_of(const SequenceClassifier& model, const std::string& prefix) {
    std::vector<torch::Tensor> tensors;
    for (const NamedParameter& parameter : model.parameters()) {
        if (parameter.name.starts_with(prefix)) tensors.push_back(parameter.tensor);
    }
    return tensors;
}

/// Both families have their parameters in one order.
void copy(const std::vector<torch::Tensor>& from, const std::vector<torch::Tensor>& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from.at(i));
}

BertConfig small_config(std::int64_t vocabulary_size) {
    BertConfig config;
    config.family = BertFamily::bert;
    config.vocab_size = vocabulary_size;
    config.hidden_size = 64;
    config.intermediate_size = 256;
    config.num_hidden_layers = 4;
    config.num_attention_heads = 4;
    config.max_position_embeddings = 64;
    // Narrow layers want larger weights, and have nothing to spare for dropout.
    config.initializer_range = 0.1;
    config.hidden_dropout = 0.0;
    config.attention_dropout = 0.0;
    config.classifier_dropout = 0.1;
    return config;
}

}  // namespace

SequenceClassifier small_teacher(std::int64_t vocabulary_size, std::uint64_t seed) {
    return new_classifier(small_config(vocabulary_size), seed);
}

SequenceClassifier half_the_layers(const SequenceClassifier& teacher, std::uint64_t seed) {
    BertConfig config = teacher.config();
    const std::int64_t layers = config.num_hidden_layers;
    config.family = BertFamily::distilbert;
    config.num_hidden_layers = layers / 2;
    SequenceClassifier student = new_classifier(config, seed);
    const torch::NoGradGuard no_grad;
    // Words, positions, token types, norm.
    std::vector<torch::Tensor> embeddings = tensors_of(teacher, "bert.embeddings.");
    embeddings[1] = embeddings[1] + embeddings[2][0];
    embeddings.erase(embeddings.begin() + 2);
    copy(embeddings, tensors_of(student, "distilbert.embeddings."));
    for (std::int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
        const std::int64_t source = 2 * layer + 1 + layers % 2;
        copy(tensors_of(teacher, "bert.encoder.layer." + std::to_string(source) + "."),
             tensors_of(student, "distilbert.transformer.layer." + std::to_string(layer) + "."));
    }
    return student;
}

}  // namespace kd_lora
