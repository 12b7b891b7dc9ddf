#include "kd_lora/model/bert_config.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/config/config_fields.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;
using hugging_face::ConfigProblem;

constexpr std::uint64_t max_config_bytes = 1 << 20;
// Far above any model, and products of two still fit in 64 bits.
constexpr std::int64_t max_size = std::int64_t{1} << 31;
constexpr std::int64_t max_labels = 1 << 16;

/// What config.json calls the fields.
struct FieldNames {
    const char* hidden_size;
    const char* intermediate_size;
    const char* num_hidden_layers;
    const char* num_attention_heads;
    const char* hidden_act;
    const char* hidden_dropout;
    const char* attention_dropout;
    const char* classifier_dropout;
};

constexpr FieldNames bert_names{.hidden_size = "hidden_size",
                                .intermediate_size = "intermediate_size",
                                .num_hidden_layers = "num_hidden_layers",
                                .num_attention_heads = "num_attention_heads",
                                .hidden_act = "hidden_act",
                                .hidden_dropout = "hidden_dropout_prob",
                                .attention_dropout = "attention_probs_dropout_prob",
                                .classifier_dropout = "classifier_dropout"};
constexpr FieldNames distilbert_names{.hidden_size = "dim",
                                      .intermediate_size = "hidden_dim",
                                      .num_hidden_layers = "n_layers",
                                      .num_attention_heads = "n_heads",
                                      .hidden_act = "activation",
                                      .hidden_dropout = "dropout",
                                      .attention_dropout = "attention_dropout",
                                      .classifier_dropout = "seq_classif_dropout"};

const FieldNames& names_of(BertFamily family) {
    return family == BertFamily::bert ? bert_names : distilbert_names;
}

bool is_positive(double value) {
    return value > 0.0 && std::isfinite(value);
}

/// Refuses what would make another model than this one.
void expect_supported(const hugging_face::ConfigFields& fields) {
    fields.only("position_embedding_type", {"absolute"});
    fields.only("sinusoidal_pos_embds", {false});
    fields.only("is_decoder", {false});
    fields.only("add_cross_attention", {false});
    fields.only("pruned_heads", {Json::object()});
    fields.only("problem_type", {"single_label_classification"});
    fields.only("quantization_config", {});
}

void read_text(const Json& json, const hugging_face::ConfigFields& fields, const char* field,
               std::string& value) {
    if (!hugging_face::holds(json, field)) return;
    if (!json.at(field).is_string())
        fields.refuse(field, "a text", files::describe(json.at(field)));
    value = json.at(field).get<std::string>();
}

void read_labels(const Json& json, const hugging_face::ConfigFields& fields, std::int64_t& labels) {
    fields.optional("num_labels", labels);
    if (!hugging_face::holds(json, "id2label")) return;
    const Json& names = json.at("id2label");
    if (!names.is_object()) fields.refuse("id2label", "an object", files::describe(names));
    const auto count = static_cast<std::int64_t>(names.size());
    for (std::int64_t label = 0; label < count; ++label) {
        if (!names.contains(std::to_string(label))) {
            fields.refuse("id2label", "the labels 0.." + std::to_string(count - 1),
                          files::describe(names));
        }
    }
    if (hugging_face::holds(json, "num_labels") && labels != count) {
        fields.refuse("num_labels", std::to_string(count) + " by id2label", std::to_string(labels));
    }
    labels = count;
}

/// Keeps the names of a loaded config.json where there are as many.
void write_labels(std::int64_t labels, Json& json) {
    if (json.contains("num_labels")) json["num_labels"] = labels;
    const bool named = hugging_face::holds(json, "id2label");
    if (named && static_cast<std::int64_t>(json.at("id2label").size()) == labels) return;
    Json names = Json::object();
    Json numbers = Json::object();
    for (std::int64_t label = 0; label < labels; ++label) {
        const std::string name = "LABEL_" + std::to_string(label);
        names[std::to_string(label)] = name;
        numbers[name] = label;
    }
    json["id2label"] = std::move(names);
    json["label2id"] = std::move(numbers);
}

}  // namespace

std::optional<ConfigProblem> find_problem(const BertConfig& config) {
    const FieldNames& names = names_of(config.family);
    const auto problem = [](const char* field, std::string expected, auto got) {
        return ConfigProblem{field, std::move(expected), std::to_string(got)};
    };
    const std::array<std::pair<const char*, std::int64_t>, 7> sizes{{
        {"vocab_size", config.vocab_size},
        {names.hidden_size, config.hidden_size},
        {names.intermediate_size, config.intermediate_size},
        {names.num_hidden_layers, config.num_hidden_layers},
        {names.num_attention_heads, config.num_attention_heads},
        {"max_position_embeddings", config.max_position_embeddings},
        {"type_vocab_size", config.type_vocab_size},
    }};
    for (const auto& [field, size] : sizes) {
        if (size < 1 || size > max_size) return problem(field, "an integer in 1..2^31", size);
    }
    if (config.hidden_size % config.num_attention_heads != 0) {
        return problem(names.num_attention_heads,
                       std::string("a divisor of ") + names.hidden_size + " " +
                           std::to_string(config.hidden_size),
                       config.num_attention_heads);
    }
    if (config.pad_token_id < -1 || config.pad_token_id >= config.vocab_size) {
        return problem("pad_token_id",
                       "a token below vocab_size " + std::to_string(config.vocab_size),
                       config.pad_token_id);
    }
    if (config.labels < 2 || config.labels > max_labels) {
        return problem("num_labels", "2.." + std::to_string(max_labels) + " labels", config.labels);
    }
    if (config.hidden_act != "gelu" && config.hidden_act != "relu") {
        return ConfigProblem{names.hidden_act, "\"gelu\" or \"relu\"", config.hidden_act};
    }
    if (!is_positive(config.layer_norm_eps)) {
        return problem("layer_norm_eps", "a positive number", config.layer_norm_eps);
    }
    if (!is_positive(config.initializer_range)) {
        return problem("initializer_range", "a positive number", config.initializer_range);
    }
    const std::array<std::pair<const char*, double>, 3> rates{{
        {names.hidden_dropout, config.hidden_dropout},
        {names.attention_dropout, config.attention_dropout},
        {names.classifier_dropout, config.head_dropout()},
    }};
    for (const auto& [field, rate] : rates) {
        if (!(rate >= 0.0 && rate < 1.0)) return problem(field, "a number in [0, 1)", rate);
    }
    return std::nullopt;
}

BertConfig read_bert_config(const std::filesystem::path& file, const files::WarningObserver& warn) {
    Json json = files::read_json(file, max_config_bytes);
    if (!json.is_object()) throw files::FileError(file, "JSON", "an object", files::describe(json));
    const hugging_face::ConfigFields fields(json, file);
    if (!hugging_face::holds(json, "model_type")) {
        fields.refuse("model_type", R"("bert" or "distilbert")", "nothing");
    }
    fields.only("model_type", {"bert", "distilbert"});
    expect_supported(fields);

    BertConfig config;
    const bool distilbert = json.at("model_type") == "distilbert";
    config.family = distilbert ? BertFamily::distilbert : BertFamily::bert;
    const FieldNames& names = names_of(config.family);
    fields.required("vocab_size", config.vocab_size);
    fields.required(names.hidden_size, config.hidden_size);
    fields.required(names.intermediate_size, config.intermediate_size);
    fields.required(names.num_hidden_layers, config.num_hidden_layers);
    fields.required(names.num_attention_heads, config.num_attention_heads);
    fields.optional("max_position_embeddings", config.max_position_embeddings);
    if (json.contains("pad_token_id") && json.at("pad_token_id").is_null()) {
        config.pad_token_id = -1;
    }
    fields.optional("pad_token_id", config.pad_token_id);
    read_text(json, fields, names.hidden_act, config.hidden_act);
    fields.optional("initializer_range", config.initializer_range);
    fields.optional(names.hidden_dropout, config.hidden_dropout);
    fields.optional(names.attention_dropout, config.attention_dropout);
    if (distilbert) config.classifier_dropout = 0.2;
    fields.optional(names.classifier_dropout, config.classifier_dropout);
    if (!distilbert) {
        fields.optional("type_vocab_size", config.type_vocab_size);
        fields.optional("layer_norm_eps", config.layer_norm_eps);
    }
    read_labels(json, fields, config.labels);
    if (const auto problem = find_problem(config)) {
        throw files::FileError(file, problem->field, problem->expected, problem->got);
    }
    if (warn && hugging_face::holds(json, "auto_map")) {
        warn(file.string() +
             ": auto_map is ignored: code that comes with the model is not run; the model is "
             "built as a " +
             json.at("model_type").get<std::string>());
    }
    config.source = std::move(json);
    return config;
}

Json to_json(const BertConfig& config) {
    const bool distilbert = config.family == BertFamily::distilbert;
    const FieldNames& names = names_of(config.family);
    Json json = config.source.is_object() ? config.source : Json::object();
    json["architectures"] = {distilbert ? "DistilBertForSequenceClassification"
                                        : "BertForSequenceClassification"};
    json["model_type"] = distilbert ? "distilbert" : "bert";
    json["vocab_size"] = config.vocab_size;
    json[names.hidden_size] = config.hidden_size;
    json[names.intermediate_size] = config.intermediate_size;
    json[names.num_hidden_layers] = config.num_hidden_layers;
    json[names.num_attention_heads] = config.num_attention_heads;
    json["max_position_embeddings"] = config.max_position_embeddings;
    json["pad_token_id"] = config.pad_token_id == -1 ? Json(nullptr) : Json(config.pad_token_id);
    json[names.hidden_act] = config.hidden_act;
    json["initializer_range"] = config.initializer_range;
    json[names.hidden_dropout] = config.hidden_dropout;
    json[names.attention_dropout] = config.attention_dropout;
    if (config.classifier_dropout) json[names.classifier_dropout] = *config.classifier_dropout;
    if (!distilbert) {
        json["type_vocab_size"] = config.type_vocab_size;
        json["layer_norm_eps"] = config.layer_norm_eps;
    }
    write_labels(config.labels, json);
    return json;
}

}  // namespace kd_lora
