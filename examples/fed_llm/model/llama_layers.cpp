#include "fed_llm/model/llama_layers.hpp"

#include <string>

#include "fed_llm/model/attention.hpp"
#include "fed_llm/model/rotary.hpp"

namespace fed_llm {

namespace functional = torch::nn::functional;

ProjectionImpl::ProjectionImpl(std::int64_t in, std::int64_t out, torch::TensorOptions options,
                               bool bias)
    : weight_(register_parameter("weight", torch::zeros({out, in}, options))) {
    if (bias) bias_ = register_parameter("bias", torch::zeros({out}, options));
}

torch::Tensor ProjectionImpl::forward(const torch::Tensor& input) const {
    return functional::linear(input, weight_, bias_);
}

RmsNormImpl::RmsNormImpl(std::int64_t size, double eps, torch::TensorOptions options)
    : weight_(register_parameter("weight", torch::zeros({size}, options))), eps_(eps) {}

torch::Tensor RmsNormImpl::forward(const torch::Tensor& input) const {
    const torch::Tensor wide = input.to(torch::kFloat32);
    const torch::Tensor scale = (wide.square().mean(-1, /*keepdim=*/true) + eps_).rsqrt();
    return weight_ * (wide * scale).to(input.scalar_type());
}

TokenEmbeddingImpl::TokenEmbeddingImpl(std::int64_t vocab_size, std::int64_t hidden_size,
                                       torch::TensorOptions options)
    : weight_(register_parameter("weight", torch::zeros({vocab_size, hidden_size}, options))) {}

torch::Tensor TokenEmbeddingImpl::forward(const torch::Tensor& tokens) const {
    return torch::embedding(weight_, tokens);
}

SelfAttentionImpl::SelfAttentionImpl(const LlamaConfig& config, std::size_t layer,
                                     torch::TensorOptions options)
    : layer_(layer),
      heads_(config.num_attention_heads),
      key_value_heads_(config.num_key_value_heads),
      head_dim_(config.attention_head_dim()) {
    const std::int64_t hidden = config.hidden_size;
    const std::int64_t queries = heads_ * head_dim_;
    const std::int64_t keys = key_value_heads_ * head_dim_;
    const bool in = config.has_query_key_value_bias();
    const bool out = config.has_attention_output_bias();
    q_proj_ = register_module("q_proj", Projection(hidden, queries, options, in));
    k_proj_ = register_module("k_proj", Projection(hidden, keys, options, in));
    v_proj_ = register_module("v_proj", Projection(hidden, keys, options, in));
    o_proj_ = register_module("o_proj", Projection(queries, hidden, options, out));
}

torch::Tensor SelfAttentionImpl::forward(const torch::Tensor& input,
                                         const Positions& positions) const {
    const std::int64_t batch = input.size(0);
    const std::int64_t length = input.size(1);
    const auto split = [&](const torch::Tensor& joined, std::int64_t heads) {
        return joined.view({batch, length, heads, head_dim_}).transpose(1, 2);
    };
    const torch::Tensor queries =
        rotate(split(q_proj_->forward(input), heads_), positions.cosines, positions.sines);
    torch::Tensor keys = rotate(split(k_proj_->forward(input), key_value_heads_), positions.cosines,
                                positions.sines);
    torch::Tensor values = split(v_proj_->forward(input), key_value_heads_);
    if (positions.cache != nullptr) {
        std::tie(keys, values) = positions.cache->append(layer_, keys, values);
    }
    const torch::Tensor mixed = causal_attention(queries, keys, values);
    return o_proj_->forward(mixed.transpose(1, 2).reshape({batch, length, heads_ * head_dim_}));
}

FeedForwardImpl::FeedForwardImpl(const LlamaConfig& config, torch::TensorOptions options) {
    const std::int64_t hidden = config.hidden_size;
    const std::int64_t inner = config.intermediate_size;
    gate_proj_ = register_module("gate_proj", Projection(hidden, inner, options));
    up_proj_ = register_module("up_proj", Projection(hidden, inner, options));
    down_proj_ = register_module("down_proj", Projection(inner, hidden, options));
}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& input) const {
    return down_proj_->forward(torch::silu(gate_proj_->forward(input)) * up_proj_->forward(input));
}

DecoderLayerImpl::DecoderLayerImpl(const LlamaConfig& config, std::size_t layer,
                                   torch::TensorOptions options) {
    self_attn_ = register_module("self_attn", SelfAttention(config, layer, options));
    mlp_ = register_module("mlp", FeedForward(config, options));
    input_layernorm_ = register_module("input_layernorm",
                                       RmsNorm(config.hidden_size, config.rms_norm_eps, options));
    post_attention_layernorm_ = register_module(
        "post_attention_layernorm", RmsNorm(config.hidden_size, config.rms_norm_eps, options));
}

torch::Tensor DecoderLayerImpl::forward(const torch::Tensor& input,
                                        const Positions& positions) const {
    const torch::Tensor attended =
        input + self_attn_->forward(input_layernorm_->forward(input), positions);
    return attended + mlp_->forward(post_attention_layernorm_->forward(attended));
}

DecoderImpl::DecoderImpl(const LlamaConfig& config, torch::TensorOptions options) {
    embed_tokens_ = register_module("embed_tokens",
                                    TokenEmbedding(config.vocab_size, config.hidden_size, options));
    torch::nn::ModuleList layers;
    for (std::int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
        layers_.emplace_back(config, static_cast<std::size_t>(layer), options);
        layers->push_back(layers_.back());
    }
    register_module("layers", layers);
    norm_ = register_module("norm", RmsNorm(config.hidden_size, config.rms_norm_eps, options));
}

torch::Tensor DecoderImpl::forward(const torch::Tensor& embedded,
                                   const Positions& positions) const {
    torch::Tensor hidden = embedded;
    for (const DecoderLayer& layer : layers_) hidden = layer->forward(hidden, positions);
    return norm_->forward(hidden);
}

}  // namespace fed_llm
