#include "model/llama_config.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_config_bytes = 1 << 20;
// Far above any model, and products of two still fit in 64 bits.
constexpr std::int64_t max_size = std::int64_t{1} << 31;

bool holds(const Json& json, const char* field) {
    return json.contains(field) && !json.at(field).is_null();
}

/// Reads fields of one config.json.
class Fields {
public:
    Fields(const Json& json, const std::filesystem::path& file) : json_(json), file_(file) {}

    void required(const char* field, std::int64_t& value) const {
        if (!holds(json_, field)) throw FileError(file_, field, "an integer", "nothing");
        optional(field, value);
    }

    void optional(const char* field, std::int64_t& value) const {
        if (!holds(json_, field)) return;
        const Json& found = json_.at(field);
        // An unsigned number above 2^63 would wrap.
        const bool fits =
            found.is_number_integer() &&
            (!found.is_number_unsigned() ||
             found.get<std::uint64_t>() <=
                 static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
        if (!fits) throw FileError(file_, field, "an integer", describe(found));
        value = found.get<std::int64_t>();
    }

    void optional(const char* field, double& value) const {
        if (!holds(json_, field)) return;
        const Json& found = json_.at(field);
        if (!found.is_number()) throw FileError(file_, field, "a number", describe(found));
        value = found.get<double>();
    }

    void optional(const char* field, bool& value) const {
        if (!holds(json_, field)) return;
        const Json& found = json_.at(field);
        if (!found.is_boolean()) throw FileError(file_, field, "true or false", describe(found));
        value = found.get<bool>();
    }

    /// A field that may only be absent, null or `supported`.
    void only(const char* field, const Json& supported) const {
        if (!holds(json_, field) || json_.at(field) == supported) return;
        throw FileError(file_, field, describe(supported) + " (anything else is unsupported)",
                        describe(json_.at(field)));
    }

private:
    const Json& json_;
    const std::filesystem::path& file_;
};

/// Newer files put rope_theta into an object together with the kind of scaling.
void read_rope_parameters(const Json& json, const std::filesystem::path& file,
                          LlamaConfig& config) {
    if (holds(json, "rope_scaling")) {
        throw FileError(file, "rope_scaling", "null (scaled positions are unsupported)",
                        describe(json.at("rope_scaling")));
    }
    if (!holds(json, "rope_parameters")) return;
    const Json& parameters = json.at("rope_parameters");
    if (!parameters.is_object()) {
        throw FileError(file, "rope_parameters", "an object", describe(parameters));
    }
    const Fields fields(parameters, file);
    fields.only("rope_type", "default");
    fields.optional("rope_theta", config.rope_theta);
}

}  // namespace

std::optional<ConfigProblem> find_problem(const LlamaConfig& config) {
    const auto problem = [](std::string field, std::string expected, auto got) {
        return ConfigProblem{std::move(field), std::move(expected), std::to_string(got)};
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
    if (!(config.rms_norm_eps > 0.0) || !std::isfinite(config.rms_norm_eps)) {
        return problem("rms_norm_eps", "a positive number", config.rms_norm_eps);
    }
    if (!(config.rope_theta > 0.0) || !std::isfinite(config.rope_theta)) {
        return problem("rope_theta", "a positive number", config.rope_theta);
    }
    const std::array<std::pair<const char*, std::int64_t>, 2> tokens{{
        {"bos_token_id", config.bos_token_id},
        {"eos_token_id", config.eos_token_id},
    }};
    for (const auto& [field, token] : tokens) {
        if (token < -1 || token >= config.vocab_size) {
            return problem(field, "a token below vocab_size " + std::to_string(config.vocab_size),
                           token);
        }
    }
    return std::nullopt;
}

LlamaConfig read_llama_config(const std::filesystem::path& file) {
    Json json = read_json(file, max_config_bytes);
    if (!json.is_object()) throw FileError(file, "JSON", "an object", describe(json));
    const Fields fields(json, file);
    if (!holds(json, "model_type")) throw FileError(file, "model_type", "\"llama\"", "nothing");
    fields.only("model_type", "llama");
    fields.only("hidden_act", "silu");
    fields.only("attention_bias", false);
    fields.only("mlp_bias", false);

    LlamaConfig config;
    fields.required("hidden_size", config.hidden_size);
    fields.required("intermediate_size", config.intermediate_size);
    fields.required("num_hidden_layers", config.num_hidden_layers);
    fields.required("num_attention_heads", config.num_attention_heads);
    config.num_key_value_heads = config.num_attention_heads;
    fields.optional("num_key_value_heads", config.num_key_value_heads);
    fields.optional("head_dim", config.head_dim);
    fields.required("vocab_size", config.vocab_size);
    fields.optional("max_position_embeddings", config.max_position_embeddings);
    fields.optional("rms_norm_eps", config.rms_norm_eps);
    fields.optional("rope_theta", config.rope_theta);
    read_rope_parameters(json, file, config);
    fields.optional("tie_word_embeddings", config.tie_word_embeddings);
    if (json.contains("bos_token_id") && json.at("bos_token_id").is_null())
        config.bos_token_id = -1;
    if (json.contains("eos_token_id") && json.at("eos_token_id").is_null())
        config.eos_token_id = -1;
    fields.optional("bos_token_id", config.bos_token_id);
    fields.optional("eos_token_id", config.eos_token_id);
    if (const auto problem = find_problem(config)) {
        throw FileError(file, problem->field, problem->expected, problem->got);
    }
    config.source = std::move(json);
    return config;
}

Json to_json(const LlamaConfig& config) {
    Json json = config.source.is_object() ? config.source : Json::object();
    const auto token = [](std::int64_t id) { return id == -1 ? Json(nullptr) : Json(id); };
    if (!json.contains("architectures")) json["architectures"] = {"LlamaForCausalLM"};
    json["model_type"] = "llama";
    json["hidden_size"] = config.hidden_size;
    json["intermediate_size"] = config.intermediate_size;
    json["num_hidden_layers"] = config.num_hidden_layers;
    json["num_attention_heads"] = config.num_attention_heads;
    json["num_key_value_heads"] = config.num_key_value_heads;
    if (config.head_dim != 0) json["head_dim"] = config.head_dim;
    json["vocab_size"] = config.vocab_size;
    json["max_position_embeddings"] = config.max_position_embeddings;
    json["rms_norm_eps"] = config.rms_norm_eps;
    json["rope_theta"] = config.rope_theta;
    if (holds(json, "rope_parameters")) json["rope_parameters"]["rope_theta"] = config.rope_theta;
    json["hidden_act"] = "silu";
    json["tie_word_embeddings"] = config.tie_word_embeddings;
    json["bos_token_id"] = token(config.bos_token_id);
    json["eos_token_id"] = token(config.eos_token_id);
    return json;
}

}  // namespace fed_llm
