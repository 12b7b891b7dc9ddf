#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fed_llm/model/key_value_cache.hpp"
#include "fed_llm/model/llama_config.hpp"

namespace fed_llm {

/// A matrix, and a bias where asked for, applied to the last dimension.
/// Shapes: [..., in] -> [..., out].
class ProjectionImpl : public torch::nn::Module {
public:
    ProjectionImpl(std::int64_t in, std::int64_t out, torch::TensorOptions options,
                   bool bias = false);
    torch::Tensor forward(const torch::Tensor& input) const;

private:
    torch::Tensor weight_;
    torch::Tensor bias_;  // undefined: none
};
TORCH_MODULE(Projection);

/// x / sqrt(mean(x^2) + eps) * weight, over the last dimension, the mean in float32.
/// Source: Zhang and Sennrich, arXiv 1910.07467.
class RmsNormImpl : public torch::nn::Module {
public:
    RmsNormImpl(std::int64_t size, double eps, torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& input) const;

private:
    torch::Tensor weight_;
    double eps_;
};
TORCH_MODULE(RmsNorm);

/// A row per token. Shapes: [batch, length] int64 -> [batch, length, hidden_size].
class TokenEmbeddingImpl : public torch::nn::Module {
public:
    TokenEmbeddingImpl(std::int64_t vocab_size, std::int64_t hidden_size,
                       torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& tokens) const;
    const torch::Tensor& weight() const { return weight_; }

private:
    torch::Tensor weight_;
};
TORCH_MODULE(TokenEmbedding);

/// What every layer of one forward pass shares.
struct Positions {
    torch::Tensor cosines;  ///< [length, head_dim]
    torch::Tensor sines;    ///< [length, head_dim]
    KeyValueCache* cache = nullptr;
};

/// Causal grouped-query self-attention with rotary positions.
/// Shapes: [batch, length, hidden_size] to the same.
/// Source: Ainslie et al., arXiv 2305.13245.
class SelfAttentionImpl : public torch::nn::Module {
public:
    SelfAttentionImpl(const LlamaConfig& config, std::size_t layer, torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& input, const Positions& positions) const;

private:
    std::size_t layer_;
    std::int64_t heads_;
    std::int64_t key_value_heads_;
    std::int64_t head_dim_;
    Projection q_proj_{nullptr};
    Projection k_proj_{nullptr};
    Projection v_proj_{nullptr};
    Projection o_proj_{nullptr};
};
TORCH_MODULE(SelfAttention);

/// SwiGLU: down(silu(gate(x)) * up(x)).
/// Source: Shazeer, arXiv 2002.05202.
class FeedForwardImpl : public torch::nn::Module {
public:
    FeedForwardImpl(const LlamaConfig& config, torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& input) const;

private:
    Projection gate_proj_{nullptr};
    Projection up_proj_{nullptr};
    Projection down_proj_{nullptr};
};
TORCH_MODULE(FeedForward);

/// Attention and feed-forward, each behind its norm and added to its input.
class DecoderLayerImpl : public torch::nn::Module {
public:
    DecoderLayerImpl(const LlamaConfig& config, std::size_t layer, torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& input, const Positions& positions) const;

private:
    SelfAttention self_attn_{nullptr};
    FeedForward mlp_{nullptr};
    RmsNorm input_layernorm_{nullptr};
    RmsNorm post_attention_layernorm_{nullptr};
};
TORCH_MODULE(DecoderLayer);

/// Everything but the head: embedding, layers, final norm.
class DecoderImpl : public torch::nn::Module {
public:
    DecoderImpl(const LlamaConfig& config, torch::TensorOptions options);
    torch::Tensor forward(const torch::Tensor& embedded, const Positions& positions) const;
    const TokenEmbedding& embed_tokens() const { return embed_tokens_; }

private:
    TokenEmbedding embed_tokens_{nullptr};
    std::vector<DecoderLayer> layers_;
    RmsNorm norm_{nullptr};
};
TORCH_MODULE(Decoder);

}  // namespace fed_llm
