#pragma once

#include <cstdint>

#include "fed_llm/model/llama.hpp"

/// Small, with every size different, so that no two can be mixed up unnoticed.
inline fed_llm::LlamaConfig tiny_config() {
    fed_llm::LlamaConfig config;
    config.hidden_size = 24;
    config.intermediate_size = 20;
    config.num_hidden_layers = 3;
    config.num_attention_heads = 4;
    config.num_key_value_heads = 2;
    config.vocab_size = 37;
    config.max_position_embeddings = 32;
    config.rms_norm_eps = 1e-5;
    return config;
}

/// Weights far larger than for training, so that every part of the model shows in its output.
inline fed_llm::Llama tiny_model(const fed_llm::LlamaConfig& config, std::uint64_t seed = 1) {
    fed_llm::Llama model(config);
    fed_llm::initialize(model, seed);
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : model->parameters()) {
        if (parameter.dim() == 2) parameter.mul_(15.0);
        if (parameter.dim() == 1) {
            parameter.copy_(torch::linspace(0.5, 1.5, parameter.numel()));
        }
    }
    return model;
}
