#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fed_llm/model/rope_scaling.hpp"
#include "files/warning_observer.hpp"
#include "hugging_face/config/config_problem.hpp"

namespace fed_llm {

/// The shape of a LLaMA or Qwen2 model. The fields are named after, and default to, those of the
/// Hugging Face config.json of LLaMA.
struct LlamaConfig {
    std::string model_type = "llama";  ///< or "qwen2": biases on queries, keys and values
    std::int64_t hidden_size = 0;
    std::int64_t intermediate_size = 0;
    std::int64_t num_hidden_layers = 0;
    std::int64_t num_attention_heads = 0;
    std::int64_t num_key_value_heads = 0;
    std::int64_t head_dim = 0;  ///< 0: hidden_size / num_attention_heads
    std::int64_t vocab_size = 0;
    std::int64_t max_position_embeddings = 2048;
    double rms_norm_eps = 1e-6;
    double rope_theta = 10000.0;
    std::optional<RopeScaling> rope_scaling;
    bool attention_bias = false;  ///< LLaMA only: biases on all four matrices of the attention
    bool tie_word_embeddings = false;
    std::int64_t bos_token_id = 1;                 ///< -1: none
    std::int64_t eos_token_id = 2;                 ///< -1: none
    std::vector<std::int64_t> more_eos_token_ids;  ///< where config.json lists several: the others

    /// config.json as it was read; to_json() keeps the fields that ferret does not know.
    nlohmann::ordered_json source = nlohmann::ordered_json::object();

    /// The width of one attention head, derived where head_dim is 0.
    std::int64_t attention_head_dim() const {
        return head_dim != 0 ? head_dim : hidden_size / num_attention_heads;
    }

    RotarySetting rotary_setting() const {
        return {attention_head_dim(), rope_theta, max_position_embeddings};
    }

    /// The most positions of a sequence: max_position_embeddings, or more where rope_scaling
    /// stretches them.
    std::int64_t max_positions() const {
        return fed_llm::max_positions(rotary_setting(), rope_scaling);
    }

    bool has_query_key_value_bias() const { return attention_bias || model_type == "qwen2"; }
    bool has_attention_output_bias() const { return attention_bias && model_type == "llama"; }
};

/// The first field that is wrong: sizes in 1..2^31, heads dividing hidden_size, key/value heads
/// dividing heads, an even head width, token ids below vocab_size, finite positive numbers where
/// numbers are.
std::optional<hugging_face::ConfigProblem> find_problem(const LlamaConfig& config);

/// Reads config.json, as the Python package transformers writes it in releases 4 and 5.
/// Throws: FileError where a field is missing, wrong, or asks for what this model has not (another
/// model_type, hidden_act or rope_type, a sliding window, biases in the feed-forward part,
/// quantized weights). Warns of fields that other readers pass over as well, or that only matter to
/// training: a window of a LLaMA model, dropout, code of the model's own.
LlamaConfig read_llama_config(const std::filesystem::path& file,
                              const files::WarningObserver& warn = {});

/// The config.json of the configuration: `source` with the known fields replaced where they differ.
nlohmann::ordered_json to_json(const LlamaConfig& config);

}  // namespace fed_llm
