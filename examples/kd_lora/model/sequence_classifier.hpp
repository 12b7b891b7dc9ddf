#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kd_lora/model/bert_config.hpp"
#include "kd_lora/model/bert_layers.hpp"
#include "kd_lora/model/dropout.hpp"

namespace kd_lora {

struct ForwardSettings {
    Dropout* dropout = nullptr;  ///< where it draws from; none: no dropout, as for evaluation
    AttentionMaps attention = AttentionMaps::none;
};

struct ClassifierOutput {
    torch::Tensor logits;  ///< [batch, labels]
    torch::Tensor hidden;  ///< [batch, length, hidden_size]: of the last layer
    torch::Tensor pooled;  ///< [batch, hidden_size]: what the classifier reads, before its dropout
    std::vector<torch::Tensor>
        attention;  ///< a layer, from the bottom: [batch, heads, length, length]
};

/// BertForSequenceClassification or DistilBertForSequenceClassification, by the configuration.
///
/// Math:   logits = V dropout(f(U h + u)) + v, h being the last layer's state of the first token;
///         f, U are tanh and the pooler in BERT, ReLU and the pre-classifier in DistilBERT
/// Source: Devlin et al., NAACL 2019, arXiv 1810.04805; Sanh et al., arXiv 1910.01108
class SequenceClassifier {
public:
    /// All parameters require a gradient.
    /// Throws: std::invalid_argument where find_problem() finds one; what `make` throws
    SequenceClassifier(BertConfig config, const MakeParameter& make);

    // Adapters are added to one object; a copy would share the other tensors, but not these.
    SequenceClassifier(const SequenceClassifier&) = delete;
    SequenceClassifier& operator=(const SequenceClassifier&) = delete;
    SequenceClassifier(SequenceClassifier&&) = default;
    SequenceClassifier& operator=(SequenceClassifier&&) = default;

    /// Shapes: tokens and mask [batch, length]: int64; and bool or int64, zero where a token only
    ///         pads.
    /// Repro:  a function of the weights, the input and the dropout's state
    /// Throws: std::invalid_argument for another shape or type, a length over
    ///         max_position_embeddings, a token outside the vocabulary, or a row of padding alone
    ClassifierOutput forward(const torch::Tensor& tokens, const torch::Tensor& mask,
                             const ForwardSettings& settings = {}) const;

    /// Every parameter under its Hugging Face name, in the Hugging Face order; an adapter's matrices,
    /// as NAME.lora_A.weight and NAME.lora_B.weight, behind those of its projection. They are shared.
    std::vector<NamedParameter> parameters() const;

    /// Those that require a gradient, in the same order: all, or what add_lora() left.
    std::vector<NamedParameter> trained_parameters() const;

    /// Every matrix with a bias, in the order of the parameters; classifier() is the last. They stay where
    /// they are until the model is moved.
    std::vector<Projection*> projections();

    const BertConfig& config() const { return config_; }

    /// Where the parameters are, and of which type.
    torch::TensorOptions options() const { return embeddings_.word.options().requires_grad(false); }

private:
    void check_input(const torch::Tensor& tokens, const torch::Tensor& mask) const;

    BertConfig config_;
    Embeddings embeddings_;
    std::vector<EncoderLayer> layers_;
    Projection pooler_;
    Projection classifier_;
};

/// A model for training from scratch: matrices from N(0, initializer_range^2), the padding token's row
/// zero, norms 1, biases 0.
/// Repro: a function of the configuration, the seed and the LibTorch release, whatever the options
SequenceClassifier new_classifier(const BertConfig& config, std::uint64_t seed,
                                  torch::TensorOptions options = {});

/// What new_classifier() gives to a parameter, drawn from `generator`.
torch::Tensor initial_parameter(const BertConfig& config, const std::string& name,
                                const std::vector<std::int64_t>& shape, torch::Generator& generator,
                                torch::TensorOptions options);

}  // namespace kd_lora
