#include "fed_llm/model/llama_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "fed_llm/model/rope_config.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/config/config_fields.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_config_bytes = 1 << 20;
// Far above any model, and products of two still fit in 64 bits.
constexpr std::int64_t max_size = std::int64_t{1} << 31;

bool is_positive(double value) {
    return value > 0.0 && std::isfinite(value);
}

void expect_no_problem(const LlamaConfig& config, const std::filesystem::path& file) {
    if (const auto problem = find_problem(config)) {
        throw files::FileError(file, problem->field, problem->expected, problem->got);
    }
}

/// Refuses what would make another model than this one.
void expect_supported(const Json& json, const hugging_face::ConfigFields& fields) {
    fields.only("hidden_act", {"silu", "swish"});
    fields.only("mlp_bias", {false});
    fields.only("use_sliding_window", {false});
    fields.only("quantization_config", {});
    if (!hugging_face::holds(json, "layer_types")) return;
    const Json& types = json.at("layer_types");
    if (!types.is_array()) fields.refuse("layer_types", "a list", files::describe(types));
    for (const Json& type : types) {
        if (type == "full_attention") continue;
        fields.refuse("layer_types",
                      "\"full_attention\" for every layer (anything else is unsupported)",
                      files::describe(type));
    }
}

/// Warns of what a user may take for honoured.
void warn_of_ignored(const Json& json, const LlamaConfig& config, const std::filesystem::path& file,
                     const files::WarningObserver& warn) {
    if (!warn) return;
    const auto ignored = [&](const char* field, const std::string& instead) {
        warn(file.string() + ": " + field + " is ignored: " + instead);
    };
    // Qwen2 has a window only where use_sliding_window says so.
    if (config.model_type == "llama" && json.value("sliding_window", Json()).is_number() &&
        json.at("sliding_window") < config.max_positions()) {
        ignored("sliding_window", "a LLaMA model attends to all positions");
    }
    if (hugging_face::holds(json, "attention_dropout") && json.at("attention_dropout") != 0) {
        ignored("attention_dropout", "clients train without dropout");
    }
    if (hugging_face::holds(json, "auto_map")) {
        ignored("auto_map", "code that comes with the model is not run; the model is built as a " +
                                config.model_type);
    }
}

}  // namespace

std::optional<hugging_face::ConfigProblem> find_problem(const LlamaConfig& config) {
    const auto problem = [](std::string field, std::string expected, auto got) {
        return hugging_face::ConfigProblem{std::move(field), std::move(expected),
                                           std::to_string(got)};
    };
    const std::array<std::pair<const char*, std::int64_t>, 7> sizes{{
        {"hidden_size", config.hidden_size},
        {"intermediate_size", config.intermediate_size},
        {"num_hidden_layers", config.num_hidden_layers},
        {"num_attention_heads", config.num_attention_heads},
        {"num_key_value_heads", config.num_key_value_heads},
        {"vocab_size", config.vocab_size},
        {"max_position_embeddings", config.max_position_embeddings},
    }};
    for (const auto& [field, size] : sizes) {
        if (size < 1 || size > max_size) return problem(field, "an integer in 1..2^31", size);
    }
    if (config.head_dim < 0 || config.head_dim > max_size) {
        return problem("head_dim", "an integer in 1..2^31", config.head_dim);
    }
    if (config.head_dim == 0 && config.hidden_size % config.num_attention_heads != 0) {
        return problem("num_attention_heads",
                       "a divisor of hidden_size " + std::to_string(config.hidden_size),
                       config.num_attention_heads);
    }
    if (config.num_attention_heads % config.num_key_value_heads != 0) {
        return problem(
            "num_key_value_heads",
            "a divisor of num_attention_heads " + std::to_string(config.num_attention_heads),
            config.num_key_value_heads);
    }
    if (config.attention_head_dim() % 2 != 0) {
        return problem("head_dim", "an even number", config.attention_head_dim());
    }
    if (!is_positive(config.rms_norm_eps)) {
        return problem("rms_norm_eps", "a positive number", config.rms_norm_eps);
    }
    if (!is_positive(config.rope_theta)) {
        return problem("rope_theta", "a positive number", config.rope_theta);
    }
    if (config.rope_scaling) {
        if (auto found = find_problem(*config.rope_scaling, config.rotary_setting())) {
            found->field = "rope_scaling." + found->field;
            return found;
        }
    }
    if (config.model_type != "llama" && config.model_type != "qwen2") {
        return hugging_face::ConfigProblem{"model_type", "\"llama\" or \"qwen2\"",
                                           config.model_type};
    }
    std::vector<std::pair<const char*, std::int64_t>> tokens{{"bos_token_id", config.bos_token_id},
                                                             {"eos_token_id", config.eos_token_id}};
    for (const std::int64_t token : config.more_eos_token_ids) {
        tokens.emplace_back("eos_token_id", token);
    }
    for (const auto& [field, token] : tokens) {
        if (token < -1 || token >= config.vocab_size) {
            return problem(field, "a token below vocab_size " + std::to_string(config.vocab_size),
                           token);
        }
    }
    return std::nullopt;
}

LlamaConfig read_llama_config(const std::filesystem::path& file,
                              const files::WarningObserver& warn) {
    Json json = files::read_json(file, max_config_bytes);
    if (!json.is_object()) throw files::FileError(file, "JSON", "an object", files::describe(json));
    const hugging_face::ConfigFields fields(json, file);
    LlamaConfig config;
    if (!hugging_face::holds(json, "model_type") || !json.at("model_type").is_string()) {
        fields.refuse("model_type", "a text",
                      files::describe(json.value("model_type", Json(nullptr))));
    }
    fields.only("model_type", {"llama", "qwen2"});
    config.model_type = json.at("model_type").get<std::string>();
    expect_supported(json, fields);
    if (config.model_type == "qwen2") {  // its defaults differ
        config.max_position_embeddings = 32768;
        config.bos_token_id = -1;
        config.eos_token_id = -1;
    } else {
        fields.optional("attention_bias", config.attention_bias);
    }
    fields.required("hidden_size", config.hidden_size);
    fields.required("intermediate_size", config.intermediate_size);
    fields.required("num_hidden_layers", config.num_hidden_layers);
    fields.required("num_attention_heads", config.num_attention_heads);
    config.num_key_value_heads = config.num_attention_heads;
    fields.optional("num_key_value_heads", config.num_key_value_heads);
    fields.optional("head_dim", config.head_dim);
    if (hugging_face::holds(json, "head_dim") && config.head_dim == 0) {
        fields.refuse("head_dim", "an integer in 1..2^31", "0");
    }
    fields.required("vocab_size", config.vocab_size);
    fields.optional("max_position_embeddings", config.max_position_embeddings);
    fields.optional("rms_norm_eps", config.rms_norm_eps);
    fields.optional("tie_word_embeddings", config.tie_word_embeddings);
    if (json.contains("bos_token_id") && json.at("bos_token_id").is_null()) {
        config.bos_token_id = -1;
    }
    fields.optional("bos_token_id", config.bos_token_id);
    fields.tokens("eos_token_id", config.eos_token_id, config.more_eos_token_ids);
    expect_no_problem(config, file);
    read_rope(json, file, config, warn);  // goes by the sizes
    expect_no_problem(config, file);
    warn_of_ignored(json, config, file, warn);
    config.source = std::move(json);
    return config;
}

Json to_json(const LlamaConfig& config) {
    Json json = config.source.is_object() ? config.source : Json::object();
    const auto token = [](std::int64_t id) { return id == -1 ? Json(nullptr) : Json(id); };
    const bool qwen2 = config.model_type == "qwen2";
    if (!json.contains("architectures")) {
        json["architectures"] = {qwen2 ? "Qwen2ForCausalLM" : "LlamaForCausalLM"};
    }
    json["model_type"] = config.model_type;
    json["hidden_size"] = config.hidden_size;
    json["intermediate_size"] = config.intermediate_size;
    json["num_hidden_layers"] = config.num_hidden_layers;
    json["num_attention_heads"] = config.num_attention_heads;
    json["num_key_value_heads"] = config.num_key_value_heads;
    if (config.head_dim != 0) json["head_dim"] = config.head_dim;
    json["vocab_size"] = config.vocab_size;
    json["max_position_embeddings"] = config.max_position_embeddings;
    json["rms_norm_eps"] = config.rms_norm_eps;
    write_rope(config, json);
    if (config.attention_bias) json["attention_bias"] = true;
    json["hidden_act"] = "silu";
    json["tie_word_embeddings"] = config.tie_word_embeddings;
    // A config.json that leaves an end to the tokenizer does not get LLaMA's.
    const bool loaded = !config.source.empty();
    if (!loaded || config.source.contains("bos_token_id")) {
        json["bos_token_id"] = token(config.bos_token_id);
    }
    if (!loaded || config.source.contains("eos_token_id")) {
        json["eos_token_id"] = token(config.eos_token_id);
    }
    if (!config.more_eos_token_ids.empty()) {
        json["eos_token_id"] = config.more_eos_token_ids;
        json["eos_token_id"].insert(json["eos_token_id"].begin(), config.eos_token_id);
    }
    return json;
}

}  // namespace fed_llm
