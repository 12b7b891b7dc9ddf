#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "files/warning_observer.hpp"
#include "hugging_face/config/config_problem.hpp"

namespace kd_lora {

/// Which of the two names its tensors and config.json fields have; DistilBERT has no token types, no
/// dropout behind its attention, and ReLU in its head.
enum class BertFamily { bert, distilbert };

/// The shape of a BERT or DistilBERT encoder with a classifier on its first token. The fields are
/// named after, and default to, those of BERT's config.json, where DistilBERT has others.
struct BertConfig {
    BertFamily family = BertFamily::bert;
    std::int64_t vocab_size = 0;
    std::int64_t hidden_size = 0;          ///< DistilBERT: dim
    std::int64_t intermediate_size = 0;    ///< DistilBERT: hidden_dim
    std::int64_t num_hidden_layers = 0;    ///< DistilBERT: n_layers
    std::int64_t num_attention_heads = 0;  ///< DistilBERT: n_heads
    std::int64_t max_position_embeddings = 512;
    std::int64_t type_vocab_size = 2;  ///< BERT only
    std::int64_t pad_token_id = 0;     ///< its embedding is not trained; -1: none
    std::string hidden_act = "gelu";   ///< or "relu"; DistilBERT: activation
    double layer_norm_eps = 1e-12;     ///< BERT only: the same in every DistilBERT
    double initializer_range = 0.02;   ///< standard deviation of what is drawn anew
    double hidden_dropout = 0.1;       ///< hidden_dropout_prob; DistilBERT: dropout
    double attention_dropout = 0.1;    ///< attention_probs_dropout_prob; DistilBERT: this name
    /// None: hidden_dropout. DistilBERT: seq_classif_dropout, 0.2 unless given.
    std::optional<double> classifier_dropout;
    std::int64_t labels = 2;  ///< length of id2label, or num_labels

    /// config.json as it was read; to_json() keeps the fields that ferret does not know.
    nlohmann::ordered_json source = nlohmann::ordered_json::object();

    std::int64_t head_size() const { return hidden_size / num_attention_heads; }
    double head_dropout() const { return classifier_dropout.value_or(hidden_dropout); }
};

/// The first field that is wrong, by its family's name: sizes in 1..2^31, heads dividing the hidden
/// size, dropout rates in [0, 1), a positive epsilon and deviation, a padding token of the
/// vocabulary, 2 to 65,536 labels, a known activation.
std::optional<hugging_face::ConfigProblem> find_problem(const BertConfig& config);

/// Reads config.json of a BERT or DistilBERT, as the Python package transformers writes it.
/// Throws: FileError where a field is missing, wrong, or asks for what these models have not
/// (another model_type or activation, relative or sinusoidal positions, a decoder, pruned heads,
/// regression, quantized weights). Warns of code of the model's own, which is not run.
BertConfig read_bert_config(const std::filesystem::path& file,
                            const files::WarningObserver& warn = {});

/// The config.json of the configuration: `source` with the known fields replaced where they differ.
nlohmann::ordered_json to_json(const BertConfig& config);

}  // namespace kd_lora
