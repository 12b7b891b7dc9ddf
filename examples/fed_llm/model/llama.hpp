#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "fed_llm/model/key_value_cache.hpp"
#include "fed_llm/model/llama_config.hpp"
#include "fed_llm/model/llama_layers.hpp"
#include "fed_llm/model/rotary.hpp"

namespace fed_llm {

/// The LLaMA decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU. Scaled
/// positions and Qwen2's attention biases come with the configuration.
///
/// named_parameters() yields the Hugging Face names in the Hugging Face order. Parameters are zero
/// until initialize() or load_llama() fills them.
/// Source: Touvron et al., LLaMA, arXiv 2302.13971; LLaMA 2, arXiv 2307.09288; Yang et al., Qwen2,
/// arXiv 2407.10671.
class LlamaImpl : public torch::nn::Module {
public:
    /// Throws: std::invalid_argument where find_problem() finds one.
    explicit LlamaImpl(LlamaConfig config, torch::TensorOptions options = {});

    /// Next-token logits.
    /// Shapes: tokens [batch, length] int64 -> [batch, length, vocab_size]. With a cache, the
    /// tokens stand at the positions after cache->length(), and the cache then holds them too.
    /// Throws: std::invalid_argument for another shape or dtype, or past config().max_positions().
    torch::Tensor forward(const torch::Tensor& tokens, KeyValueCache* cache = nullptr);

    /// What the head reads: forward() is logits(hidden_states(tokens, cache)).
    /// Shapes: [batch, length] int64 -> [batch, length, hidden_size].
    torch::Tensor hidden_states(const torch::Tensor& tokens, KeyValueCache* cache = nullptr);

    /// The head alone. Shapes: [..., hidden_size] -> [..., vocab_size].
    torch::Tensor logits(const torch::Tensor& hidden) const;

    const LlamaConfig& config() const { return config_; }

    /// Where the parameters are.
    torch::Device device() const;

private:
    LlamaConfig config_;
    RotaryTable rotary_;
    Decoder model_{nullptr};
    Projection lm_head_{nullptr};  // empty where the embedding is the head
};
TORCH_MODULE(Llama);

/// Fills the model for training from scratch: matrices from N(0, 0.02^2), norm weights with 1,
/// biases with 0.
/// Repro: a function of the seed and the LibTorch release, whatever the device and dtype.
void initialize(Llama& model, std::uint64_t seed);

}  // namespace fed_llm
