#include "model/llama_config.hpp"

#include <algorithm>
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
constexpr std::size_t max_eos_tokens = 16;

bool holds(const Json& json, const char* field) {
    return json.contains(field) && !json.at(field).is_null();
}

/// Reads fields of an object in config.json; `prefix` says where it stands.
class Fields {
public:
    Fields(const Json& json, const std::filesystem::path& file, std::string prefix = {})
        : json_(json), file_(file), prefix_(std::move(prefix)) {}

    template <typename Value>
    void required(const char* field, Value& value) const {
        if (!holds(json_, field)) throw FileError(file_, prefix_ + field, "a number", "nothing");
        optional(field, value);
    }

    void optional(const char* field, std::int64_t& value) const {
        if (!holds(json_, field)) return;
        value = integer(json_.at(field), field);
    }

    void optional(const char* field, double& value) const {
        if (!holds(json_, field)) return;
        const Json& found = json_.at(field);
        if (!found.is_number()) refuse(field, "a number", found);
        value = found.get<double>();
    }

    void optional(const char* field, bool& value) const {
        if (!holds(json_, field)) return;
        const Json& found = json_.at(field);
        if (!found.is_boolean()) refuse(field, "true or false", found);
        value = found.get<bool>();
    }

    /// A token, or a list of them; -1 for null.
    void tokens(const char* field, std::int64_t& first, std::vector<std::int64_t>& others) const {
        if (!json_.contains(field)) return;
        const Json& found = json_.at(field);
        first = -1;
        if (found.is_null()) return;
        if (!found.is_array()) {
            first = integer(found, field);
            return;
        }
        if (found.empty() || found.size() > max_eos_tokens) {
            refuse(field, "1.." + std::to_string(max_eos_tokens) + " tokens", found);
        }
        first = integer(found.front(), field);
        for (std::size_t i = 1; i < found.size(); ++i) others.push_back(integer(found[i], field));
    }

    /// A field that may only be absent, null or `supported`.
    void only(const char* field, const Json& supported) const {
        if (!holds(json_, field) || json_.at(field) == supported) return;
        refuse(field, describe(supported) + " (anything else is unsupported)", json_.at(field));
    }

private:
    [[noreturn]] void refuse(const char* field, const std::string& expected,
                             const Json& found) const {
        throw FileError(file_, prefix_ + field, expected, describe(found));
    }

    std::int64_t integer(const Json& found, const char* field) const {
        // An unsigned number above 2^63 would wrap.
        const bool fits =
            found.is_number_integer() &&
            (!found.is_number_unsigned() ||
             found.get<std::uint64_t>() <=
                 static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
        if (!fits) refuse(field, "an integer", found);
        return found.get<std::int64_t>();
    }

    const Json& json_;
    const std::filesystem::path& file_;
    std::string prefix_;
};

/// Newer files put rope_theta and the scaling into the object rope_parameters; older ones have
/// rope_scaling beside rope_theta, the oldest with "type" instead of "rope_type".
void read_rope(const char* object, const Json& json, const std::filesystem::path& file,
               LlamaConfig& config) {
    if (!holds(json, object)) return;
    const Json& rope = json.at(object);
    if (!rope.is_object()) throw FileError(file, object, "an object", describe(rope));
    const std::string prefix = std::string(object) + ".";
    const Fields fields(rope, file, prefix);
    fields.optional("rope_theta", config.rope_theta);
    const char* kind = holds(rope, "rope_type") ? "rope_type" : "type";
    if (!holds(rope, kind) || rope.at(kind) == "default") return;
    if (rope.at(kind) != "llama3") {
        throw FileError(file, prefix + kind,
                        "\"default\" or \"llama3\" (anything else is unsupported)",
                        describe(rope.at(kind)));
    }
    RopeScaling scaling;
    fields.required("factor", scaling.factor);
    fields.required("low_freq_factor", scaling.low_freq_factor);
    fields.required("high_freq_factor", scaling.high_freq_factor);
    fields.required("original_max_position_embeddings", scaling.original_max_position_embeddings);
    config.rope_scaling = scaling;
}

void set_rope(Json& json, const LlamaConfig& config) {
    json["rope_theta"] = config.rope_theta;
    const bool together = holds(json, "rope_parameters");
    if (together) json["rope_parameters"]["rope_theta"] = config.rope_theta;
    if (!config.rope_scaling) return;
    Json& rope = json[together ? "rope_parameters" : "rope_scaling"];
    const RopeScaling& scaling = *config.rope_scaling;
    rope["factor"] = scaling.factor;
    rope["low_freq_factor"] = scaling.low_freq_factor;
    rope["high_freq_factor"] = scaling.high_freq_factor;
    rope["original_max_position_embeddings"] = scaling.original_max_position_embeddings;
    rope["rope_type"] = "llama3";
}

bool is_positive(double value) {
    return value > 0.0 && std::isfinite(value);
}

std::optional<ConfigProblem> find_problem(const RopeScaling& scaling) {
    if (!is_positive(scaling.factor)) {
        return ConfigProblem{"factor", "a positive number", std::to_string(scaling.factor)};
    }
    if (!is_positive(scaling.low_freq_factor)) {
        return ConfigProblem{"low_freq_factor", "a positive number",
                             std::to_string(scaling.low_freq_factor)};
    }
    if (!is_positive(scaling.high_freq_factor) ||
        scaling.high_freq_factor <= scaling.low_freq_factor) {
        return ConfigProblem{"high_freq_factor", "a number above low_freq_factor",
                             std::to_string(scaling.high_freq_factor)};
    }
    const std::int64_t length = scaling.original_max_position_embeddings;
    if (length < 1 || length > max_size) {
        return ConfigProblem{"original_max_position_embeddings", "an integer in 1..2^31",
                             std::to_string(length)};
    }
    return std::nullopt;
}

}  // namespace

bool LlamaConfig::ends_sequence(std::int64_t token) const {
    return token == eos_token_id || std::find(more_eos_token_ids.begin(), more_eos_token_ids.end(),
                                              token) != more_eos_token_ids.end();
}

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
    if (!is_positive(config.rms_norm_eps)) {
        return problem("rms_norm_eps", "a positive number", config.rms_norm_eps);
    }
    if (!is_positive(config.rope_theta)) {
        return problem("rope_theta", "a positive number", config.rope_theta);
    }
    if (config.rope_scaling) {
        if (auto found = find_problem(*config.rope_scaling)) {
            found->field = "rope_scaling." + found->field;
            return found;
        }
    }
    if (config.model_type != "llama" && config.model_type != "qwen2") {
        return ConfigProblem{"model_type", "\"llama\" or \"qwen2\"", config.model_type};
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

LlamaConfig read_llama_config(const std::filesystem::path& file) {
    Json json = read_json(file, max_config_bytes);
    if (!json.is_object()) throw FileError(file, "JSON", "an object", describe(json));
    const Fields fields(json, file);
    LlamaConfig config;
    if (!holds(json, "model_type") || !json.at("model_type").is_string()) {
        throw FileError(file, "model_type", "a text",
                        describe(json.value("model_type", Json(nullptr))));
    }
    config.model_type = json.at("model_type").get<std::string>();
    fields.only("hidden_act", "silu");
    fields.only("mlp_bias", false);
    fields.only("use_sliding_window", false);
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
    fields.required("vocab_size", config.vocab_size);
    fields.optional("max_position_embeddings", config.max_position_embeddings);
    fields.optional("rms_norm_eps", config.rms_norm_eps);
    fields.optional("rope_theta", config.rope_theta);
    read_rope("rope_scaling", json, file, config);
    read_rope("rope_parameters", json, file, config);
    fields.optional("tie_word_embeddings", config.tie_word_embeddings);
    if (json.contains("bos_token_id") && json.at("bos_token_id").is_null()) {
        config.bos_token_id = -1;
    }
    fields.optional("bos_token_id", config.bos_token_id);
    fields.tokens("eos_token_id", config.eos_token_id, config.more_eos_token_ids);
    if (const auto problem = find_problem(config)) {
        throw FileError(file, problem->field, problem->expected, problem->got);
    }
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
    set_rope(json, config);
    if (config.attention_bias) json["attention_bias"] = true;
    json["hidden_act"] = "silu";
    json["tie_word_embeddings"] = config.tie_word_embeddings;
    json["bos_token_id"] = token(config.bos_token_id);
    json["eos_token_id"] = token(config.eos_token_id);
    if (!config.more_eos_token_ids.empty()) {
        json["eos_token_id"] = config.more_eos_token_ids;
        json["eos_token_id"].insert(json["eos_token_id"].begin(), config.eos_token_id);
    }
    return json;
}

}  // namespace fed_llm
