#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kd_lora/model/bert_config.hpp"
#include "kd_lora/model/dropout.hpp"

namespace kd_lora {

struct NamedParameter {
    std::string name;
    torch::Tensor tensor;  ///< shared with the model
};

/// Gives the tensor of a parameter by its Hugging Face name and its shape. Called once a parameter, in
/// the Hugging Face order. May throw, which ends the making of the model.
using MakeParameter =
    std::function<torch::Tensor(const std::string& name, const std::vector<std::int64_t>& shape)>;

/// Which attention maps a forward pass hands out. transformers' are those after dropout.
enum class AttentionMaps { none, before_dropout, after_dropout };

/// A low-rank adapter beside a projection: s B A x, behind dropout of its own.
/// Source: Hu et al., ICLR 2022, arXiv 2106.09685
struct LoraAdapter {
    torch::Tensor a;  ///< [rank, in]
    torch::Tensor b;  ///< [out, rank]
    double scale = 1.0;
    double dropout = 0.0;
};

/// W x + b over the last dimension, and s B A dropout(x) where there is an adapter.
/// Shapes: [..., in] -> [..., out].
struct Projection {
    Projection(std::string name, std::int64_t in, std::int64_t out, const MakeParameter& make);

    torch::Tensor forward(const torch::Tensor& input, Dropout* dropout) const;

    /// Appends weight, bias, and the adapter's matrices.
    void append_parameters(std::vector<NamedParameter>& parameters) const;

    std::string name;
    torch::Tensor weight;  ///< [out, in]
    torch::Tensor bias;    ///< [out]
    std::optional<LoraAdapter> adapter;
};

/// Mean 0 and variance 1 over the last dimension, then weight and bias.
struct LayerNorm {
    LayerNorm(std::string name, const BertConfig& config, const MakeParameter& make);

    torch::Tensor forward(const torch::Tensor& input) const;
    void append_parameters(std::vector<NamedParameter>& parameters) const;

    std::string name;
    torch::Tensor weight;
    torch::Tensor bias;
    double eps;
};

/// The sum of a row a token, a row a position and, in BERT, the row of token type 0; normalised.
/// Shapes: [batch, length] int64 -> [batch, length, hidden_size].
struct Embeddings {
    Embeddings(const std::string& prefix, const BertConfig& config, const MakeParameter& make);

    /// The padding token's row gets no gradient.
    torch::Tensor forward(const torch::Tensor& tokens, Dropout* dropout) const;
    void append_parameters(std::vector<NamedParameter>& parameters) const;

    std::string prefix;
    torch::Tensor word;
    torch::Tensor position;
    torch::Tensor token_type;  ///< undefined in DistilBERT
    LayerNorm norm;
    std::int64_t pad_token;
    double dropout_rate;
};

/// What every layer of one forward pass shares.
struct LayerInput {
    torch::Tensor padding;  ///< [batch, 1, 1, length] to add to scores; undefined: no padding
    Dropout* dropout = nullptr;
    AttentionMaps attention = AttentionMaps::none;
};

/// Self-attention and feed-forward, each added to its input and then normalised.
/// Shapes: [batch, length, hidden_size] to the same; maps [batch, heads, length, length].
/// Source: Devlin et al., NAACL 2019, arXiv 1810.04805; Sanh et al., arXiv 1910.01108
class EncoderLayer {
public:
    EncoderLayer(const std::string& prefix, const BertConfig& config, const MakeParameter& make);

    /// Appends the layer's map to `maps` where asked for.
    torch::Tensor forward(const torch::Tensor& hidden, const LayerInput& input,
                          std::vector<torch::Tensor>& maps) const;
    void append_parameters(std::vector<NamedParameter>& parameters) const;

    /// In the order of the parameters.
    std::vector<Projection*> projections();

private:
    torch::Tensor attend(const torch::Tensor& hidden, const LayerInput& input,
                         std::vector<torch::Tensor>& maps) const;

    std::int64_t heads_;
    std::int64_t head_size_;
    bool relu_;
    double attention_dropout_;
    double attended_dropout_;  // DistilBERT: none
    double hidden_dropout_;
    Projection query_;
    Projection key_;
    Projection value_;
    Projection attended_;
    LayerNorm attended_norm_;
    Projection inner_;
    Projection outer_;
    LayerNorm outer_norm_;
};

}  // namespace kd_lora
