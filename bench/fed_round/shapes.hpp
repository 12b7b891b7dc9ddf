#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "fed_llm/model/llama_config.hpp"

namespace fed_round {

/// A model's shape and the number of coordinates that Ferret sends of it by default.
struct Shape {
    std::string_view name;
    std::int64_t hidden_size;
    std::int64_t intermediate_size;
    std::int64_t layers;
    std::int64_t heads;
    std::int64_t vocab_size;
    std::int64_t max_positions;
    double rms_norm_eps;
    std::uint64_t budget;

    fed_llm::LlamaConfig config() const {
        fed_llm::LlamaConfig config;
        config.hidden_size = hidden_size;
        config.intermediate_size = intermediate_size;
        config.num_hidden_layers = layers;
        config.num_attention_heads = heads;
        config.num_key_value_heads = heads;
        config.vocab_size = vocab_size;
        config.max_position_embeddings = max_positions;
        config.rms_norm_eps = rms_norm_eps;
        return config;
    }
};

/// The paper's models, and one for a quick look. Their shapes are those of open_llama_3b,
/// Llama-2-7b-hf and Llama-2-13b-hf. The budgets are half of what the paper's Tables 4 and 5 count as
/// moved, which is up and down: 7.8e3 and 6.4e3; 13B takes that of 7B.
inline constexpr std::array<Shape, 4> shapes{{
    {"tiny", 64, 172, 2, 4, 512, 2048, 1e-6, 256},
    {"llama-3b", 3200, 8640, 26, 32, 32000, 2048, 1e-6, 3900},
    {"llama2-7b", 4096, 11008, 32, 32, 32000, 4096, 1e-5, 3200},
    {"llama2-13b", 5120, 13824, 40, 40, 32000, 4096, 1e-5, 3200},
}};

}  // namespace fed_round
