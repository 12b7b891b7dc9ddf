#include "kd_lora/model/bert_layers.hpp"

#include <cmath>
#include <utility>

namespace kd_lora {
namespace {

/// What the parts of a layer are called behind its number.
struct LayerNames {
    const char* query;
    const char* key;
    const char* value;
    const char* attended;
    const char* attended_norm;
    const char* inner;
    const char* outer;
    const char* outer_norm;
};

constexpr LayerNames bert_names{.query = "attention.self.query",
                                .key = "attention.self.key",
                                .value = "attention.self.value",
                                .attended = "attention.output.dense",
                                .attended_norm = "attention.output.LayerNorm",
                                .inner = "intermediate.dense",
                                .outer = "output.dense",
                                .outer_norm = "output.LayerNorm"};
constexpr LayerNames distilbert_names{.query = "attention.q_lin",
                                      .key = "attention.k_lin",
                                      .value = "attention.v_lin",
                                      .attended = "attention.out_lin",
                                      .attended_norm = "sa_layer_norm",
                                      .inner = "ffn.lin1",
                                      .outer = "ffn.lin2",
                                      .outer_norm = "output_layer_norm"};

const LayerNames& names_of(const BertConfig& config) {
    return config.family == BertFamily::bert ? bert_names : distilbert_names;
}

}  // namespace

Projection::Projection(std::string name_in_model, std::int64_t in, std::int64_t out,
                       const MakeParameter& make)
    : name(std::move(name_in_model)),
      weight(make(name + ".weight", {out, in})),
      bias(make(name + ".bias", {out})) {}

torch::Tensor Projection::forward(const torch::Tensor& input, Dropout* dropout) const {
    const torch::Tensor output = torch::linear(input, weight, bias);
    if (!adapter) return output;
    const torch::Tensor low = torch::linear(drop(dropout, input, adapter->dropout), adapter->a);
    return output + torch::linear(low * adapter->scale, adapter->b);
}

void Projection::append_parameters(std::vector<NamedParameter>& parameters) const {
    parameters.push_back({name + ".weight", weight});
    parameters.push_back({name + ".bias", bias});
    if (!adapter) return;
    parameters.push_back({name + ".lora_A.weight", adapter->a});
    parameters.push_back({name + ".lora_B.weight", adapter->b});
}

LayerNorm::LayerNorm(std::string name_in_model, const BertConfig& config, const MakeParameter& make)
    : name(std::move(name_in_model)),
      weight(make(name + ".weight", {config.hidden_size})),
      bias(make(name + ".bias", {config.hidden_size})),
      eps(config.layer_norm_eps) {}

torch::Tensor LayerNorm::forward(const torch::Tensor& input) const {
    return torch::layer_norm(input, weight.sizes(), weight, bias, eps);
}

void LayerNorm::append_parameters(std::vector<NamedParameter>& parameters) const {
    parameters.push_back({name + ".weight", weight});
    parameters.push_back({name + ".bias", bias});
}

Embeddings::Embeddings(const std::string& encoder, const BertConfig& config,
                       const MakeParameter& make)
    : prefix(encoder + "embeddings."),
      word(make(prefix + "word_embeddings.weight", {config.vocab_size, config.hidden_size})),
      position(make(prefix + "position_embeddings.weight",
                    {config.max_position_embeddings, config.hidden_size})),
      token_type(config.family == BertFamily::bert
                     ? make(prefix + "token_type_embeddings.weight",
                            {config.type_vocab_size, config.hidden_size})
                     : torch::Tensor()),
      norm(prefix + "LayerNorm", config, make),
      pad_token(config.pad_token_id),
      dropout_rate(config.hidden_dropout) {}

torch::Tensor Embeddings::forward(const torch::Tensor& tokens, Dropout* dropout) const {
    torch::Tensor rows = position.slice(0, 0, tokens.size(1));
    if (token_type.defined()) rows = rows + token_type[0];
    const torch::Tensor embedded = torch::embedding(word, tokens, pad_token) + rows;
    return drop(dropout, norm.forward(embedded), dropout_rate);
}

void Embeddings::append_parameters(std::vector<NamedParameter>& parameters) const {
    parameters.push_back({prefix + "word_embeddings.weight", word});
    parameters.push_back({prefix + "position_embeddings.weight", position});
    if (token_type.defined()) {
        parameters.push_back({prefix + "token_type_embeddings.weight", token_type});
    }
    norm.append_parameters(parameters);
}

EncoderLayer::EncoderLayer(const std::string& prefix, const BertConfig& config,
                           const MakeParameter& make)
    : heads_(config.num_attention_heads),
      head_size_(config.head_size()),
      relu_(config.hidden_act == "relu"),
      attention_dropout_(config.attention_dropout),
      attended_dropout_(config.family == BertFamily::bert ? config.hidden_dropout : 0.0),
      hidden_dropout_(config.hidden_dropout),
      query_(prefix + names_of(config).query, config.hidden_size, config.hidden_size, make),
      key_(prefix + names_of(config).key, config.hidden_size, config.hidden_size, make),
      value_(prefix + names_of(config).value, config.hidden_size, config.hidden_size, make),
      attended_(prefix + names_of(config).attended, config.hidden_size, config.hidden_size, make),
      attended_norm_(prefix + names_of(config).attended_norm, config, make),
      inner_(prefix + names_of(config).inner, config.hidden_size, config.intermediate_size, make),
      outer_(prefix + names_of(config).outer, config.intermediate_size, config.hidden_size, make),
      outer_norm_(prefix + names_of(config).outer_norm, config, make) {}

torch::Tensor EncoderLayer::attend(const torch::Tensor& hidden, const LayerInput& input,
                                   std::vector<torch::Tensor>& maps) const {
    const std::int64_t batch = hidden.size(0);
    const std::int64_t length = hidden.size(1);
    const auto by_head = [&](const Projection& projection) {
        return projection.forward(hidden, input.dropout)
            .view({batch, length, heads_, head_size_})
            .transpose(1, 2);
    };
    const torch::Tensor queries = by_head(query_) / std::sqrt(static_cast<double>(head_size_));
    torch::Tensor scores = torch::matmul(queries, by_head(key_).transpose(-2, -1));
    if (input.padding.defined()) scores.add_(input.padding);
    const torch::Tensor shares = scores.softmax(-1);
    const torch::Tensor kept = drop(input.dropout, shares, attention_dropout_);
    if (input.attention == AttentionMaps::before_dropout) maps.push_back(shares);
    if (input.attention == AttentionMaps::after_dropout) maps.push_back(kept);
    const torch::Tensor mixed = torch::matmul(kept, by_head(value_));
    return attended_.forward(mixed.transpose(1, 2).reshape({batch, length, heads_ * head_size_}),
                             input.dropout);
}

torch::Tensor EncoderLayer::forward(const torch::Tensor& hidden, const LayerInput& input,
                                    std::vector<torch::Tensor>& maps) const {
    const torch::Tensor mixed = attend(hidden, input, maps);
    const torch::Tensor attended =
        attended_norm_.forward(drop(input.dropout, mixed, attended_dropout_) + hidden);
    const torch::Tensor inner = inner_.forward(attended, input.dropout);
    const torch::Tensor outer =
        outer_.forward(relu_ ? torch::relu(inner) : torch::gelu(inner), input.dropout);
    return outer_norm_.forward(drop(input.dropout, outer, hidden_dropout_) + attended);
}

void EncoderLayer::append_parameters(std::vector<NamedParameter>& parameters) const {
    query_.append_parameters(parameters);
    key_.append_parameters(parameters);
    value_.append_parameters(parameters);
    attended_.append_parameters(parameters);
    attended_norm_.append_parameters(parameters);
    inner_.append_parameters(parameters);
    outer_.append_parameters(parameters);
    outer_norm_.append_parameters(parameters);
}

std::vector<Projection*> EncoderLayer::projections() {
    return {&query_, &key_, &value_, &attended_, &inner_, &outer_};
}

}  // namespace kd_lora
