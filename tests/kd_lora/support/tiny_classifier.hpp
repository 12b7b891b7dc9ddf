#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "kd_lora/model/sequence_classifier.hpp"

/// A small model of each family, three layers deep.
inline kd_lora::BertConfig tiny_config(kd_lora::BertFamily family) {
    kd_lora::BertConfig config;
    config.family = family;
    config.vocab_size = 41;
    config.hidden_size = 12;
    config.intermediate_size = 20;
    config.num_hidden_layers = 3;
    config.num_attention_heads = 3;
    config.max_position_embeddings = 16;
    config.initializer_range = 0.3;
    if (family == kd_lora::BertFamily::distilbert) config.classifier_dropout = 0.2;
    return config;
}

/// Every number drawn, so that all of them count.
inline kd_lora::SequenceClassifier tiny_classifier(const kd_lora::BertConfig& config,
                                                   torch::Dtype dtype = torch::kFloat32) {
    kd_lora::SequenceClassifier model = kd_lora::new_classifier(config, 1, dtype);
    const torch::NoGradGuard no_grad;
    torch::manual_seed(2);
    for (kd_lora::NamedParameter& parameter : model.parameters()) {
        if (parameter.tensor.dim() != 1) continue;
        parameter.tensor.add_(0.3 * torch::randn_like(parameter.tensor));
    }
    return model;
}

inline kd_lora::SequenceClassifier tiny_classifier(kd_lora::BertFamily family,
                                                   torch::Dtype dtype = torch::kFloat32) {
    return tiny_classifier(tiny_config(family), dtype);
}

/// Two rows, of six tokens and of four.
struct TinyBatch {
    torch::Tensor tokens =
        torch::tensor({{2, 7, 30, 12, 9, 3}, {2, 40, 5, 3, 0, 0}}, torch::kInt64);
    torch::Tensor mask = tokens.ne(0);
    torch::Tensor labels = torch::tensor({1, 0}, torch::kInt64);
};
