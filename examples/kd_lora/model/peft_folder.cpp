#include "kd_lora/model/peft_folder.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/config/config_fields.hpp"
#include "hugging_face/weights/finite_tensor.hpp"
#include "hugging_face/weights/safetensors.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* config_name = "adapter_config.json";
constexpr const char* weights_name = "adapter_model.safetensors";
constexpr const char* name_prefix = "base_model.model.";
constexpr std::uint64_t max_config_bytes = 1 << 20;
constexpr std::int64_t max_rank = 1 << 20;

/// Refuses what would make other adapters than these.
void expect_supported(const hugging_face::ConfigFields& fields) {
    fields.only("task_type", {"SEQ_CLS"});
    fields.only("bias", {"none"});
    for (const char* flag :
         {"use_dora", "use_rslora", "use_qalora", "fan_in_fan_out", "lora_bias"}) {
        fields.only(flag, {false});
    }
    // What else init_lora_weights may name changes the model beside the adapters.
    fields.only("init_lora_weights", {true, false, "gaussian"});
    for (const char* pattern : {"rank_pattern", "alpha_pattern"}) {
        fields.only(pattern, {Json::object()});
    }
    for (const char* selection :
         {"exclude_modules", "layers_to_transform", "layers_pattern", "layer_replication",
          "target_parameters", "trainable_token_indices", "alora_invocation_tokens"}) {
        fields.only(selection, {Json::array()});
    }
}

std::vector<std::string> names(const Json& json, const hugging_face::ConfigFields& fields,
                               const char* field) {
    std::vector<std::string> result;
    if (!hugging_face::holds(json, field)) return result;
    const Json& list = json.at(field);
    if (!list.is_array()) fields.refuse(field, "a list of names", files::describe(list));
    for (const Json& name : list) {
        if (!name.is_string() || name.get_ref<const std::string&>().empty()) {
            fields.refuse(field, "a list of names", files::describe(list));
        }
        result.push_back(name.get<std::string>());
    }
    return result;
}

/// Drops the names that find no projection, as PEFT passes over them.
void keep_found(std::vector<std::string>& names, const std::vector<Projection*>& projections,
                bool (*matches)(const std::string&, const std::string&)) {
    std::erase_if(names, [&](const std::string& name) {
        return std::none_of(
            projections.begin(), projections.end(),
            [&](const Projection* projection) { return matches(projection->name, name); });
    });
}

bool matches_any(const std::string& name, const std::vector<std::string>& ends,
                 bool (*matches)(const std::string&, const std::string&)) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](const std::string& end) { return matches(name, end); });
}

/// The tensors that an adapter of these settings has, in the model's order, by PEFT's names.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected_tensors(
    SequenceClassifier& model, const LoraSettings& settings) {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected;
    for (const Projection* projection : model.projections()) {
        const std::string name = name_prefix + projection->name;
        const std::int64_t out = projection->weight.size(0);
        const std::int64_t in = projection->weight.size(1);
        if (matches_any(projection->name, settings.targets, is_lora_target)) {
            expected.emplace_back(name + ".lora_A.weight", std::vector{settings.rank, in});
            expected.emplace_back(name + ".lora_B.weight", std::vector{out, settings.rank});
        } else if (matches_any(projection->name, settings.whole, is_trained_whole)) {
            expected.emplace_back(name + ".weight", std::vector{out, in});
            expected.emplace_back(name + ".bias", std::vector{out});
        }
    }
    return expected;
}

/// All of them, checked, by the model's names.
std::map<std::string, torch::Tensor> read_tensors(const std::filesystem::path& file,
                                                  SequenceClassifier& model,
                                                  const LoraSettings& settings) {
    const hugging_face::SafetensorsReader reader(file);
    const auto expected = expected_tensors(model, settings);
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& [name, shape] : expected) {
        const auto entry = reader.entries().find(name);
        const std::string wanted = Json(shape).dump();
        if (entry == reader.entries().end()) {
            throw files::FileError(file, name, "a tensor " + wanted, "none");
        }
        if (entry->second.shape != shape) {
            throw files::FileError(file, name + ".shape",
                                   wanted + " by " + config_name + " and the model",
                                   Json(entry->second.shape).dump());
        }
        const torch::Dtype dtype = model.options().dtype().toScalarType();
        tensors.emplace(name.substr(std::string(name_prefix).size()),
                        hugging_face::read_finite(reader, name, dtype));
    }
    for (const auto& [name, entry] : reader.entries()) {
        if (!name.starts_with(name_prefix) ||
            !tensors.contains(name.substr(std::string(name_prefix).size()))) {
            throw files::FileError(
                file, name, std::string("only tensors that ") + config_name + " accounts for",
                "this one");
        }
    }
    return tensors;
}

/// Throws where the model's adapters are not those of the settings.
void expect_adapters(SequenceClassifier& model, const LoraSettings& settings) {
    check(settings);
    bool any = false;
    for (const Projection* projection : model.projections()) {
        const bool target = matches_any(projection->name, settings.targets, is_lora_target);
        const bool fits = target == projection->adapter.has_value() &&
                          (!target || (projection->adapter->a.size(0) == settings.rank &&
                                       projection->adapter->scale ==
                                           settings.alpha / static_cast<double>(settings.rank)));
        if (!fits) {
            throw std::invalid_argument("save_adapter: " + projection->name +
                                        ": expected the adapter of the settings, got another");
        }
        any = any || target;
    }
    if (!any) throw std::invalid_argument("save_adapter: expected a model with adapters, got none");
}

Json to_json(const LoraSettings& settings, const std::string& base_model) {
    const bool whole_number = settings.alpha == std::floor(settings.alpha) && settings.alpha < 1e9;
    // Fields that every release of PEFT knows: older ones refuse those that they do not.
    return {{"alpha_pattern", Json::object()},
            {"auto_mapping", nullptr},
            {"base_model_name_or_path", base_model},
            {"bias", "none"},
            {"fan_in_fan_out", false},
            {"inference_mode", true},
            {"init_lora_weights", true},
            {"layers_pattern", nullptr},
            {"layers_to_transform", nullptr},
            {"lora_alpha",
             whole_number ? Json(static_cast<std::int64_t>(settings.alpha)) : Json(settings.alpha)},
            {"lora_dropout", settings.dropout},
            {"modules_to_save", settings.whole},
            {"peft_type", "LORA"},
            {"r", settings.rank},
            {"rank_pattern", Json::object()},
            {"revision", nullptr},
            {"target_modules", settings.targets},
            {"task_type", "SEQ_CLS"},
            {"use_dora", false},
            {"use_rslora", false}};
}

}  // namespace

LoraSettings read_lora_settings(const std::filesystem::path& file) {
    const Json json = files::read_json(file, max_config_bytes);
    if (!json.is_object()) throw files::FileError(file, "JSON", "an object", files::describe(json));
    const hugging_face::ConfigFields fields(json, file);
    if (!hugging_face::holds(json, "peft_type")) fields.refuse("peft_type", "\"LORA\"", "nothing");
    fields.only("peft_type", {"LORA"});
    expect_supported(fields);
    LoraSettings settings;
    fields.required("r", settings.rank);
    if (settings.rank < 1 || settings.rank > max_rank) {
        fields.refuse("r", "an integer in 1.." + std::to_string(max_rank),
                      std::to_string(settings.rank));
    }
    fields.required("lora_alpha", settings.alpha);
    if (!(settings.alpha > 0.0) || !std::isfinite(settings.alpha)) {
        fields.refuse("lora_alpha", "a positive number", std::to_string(settings.alpha));
    }
    settings.dropout = 0.0;
    fields.optional("lora_dropout", settings.dropout);
    if (!(settings.dropout >= 0.0 && settings.dropout < 1.0)) {
        fields.refuse("lora_dropout", "a number in [0, 1)", std::to_string(settings.dropout));
    }
    settings.targets = names(json, fields, "target_modules");
    if (settings.targets.empty()) fields.refuse("target_modules", "a list of names", "none");
    settings.whole = names(json, fields, "modules_to_save");
    return settings;
}

LoraSettings load_adapter(SequenceClassifier& model, const std::filesystem::path& folder) {
    const std::filesystem::path config = folder / config_name;
    LoraSettings settings = read_lora_settings(config);
    const std::vector<Projection*> projections = model.projections();
    keep_found(settings.targets, projections, is_lora_target);
    keep_found(settings.whole, projections, is_trained_whole);
    if (settings.targets.empty()) {
        throw files::FileError(config, "target_modules", "names of the model's projections",
                               "none of them");
    }
    for (const Projection* projection : projections) {
        if (matches_any(projection->name, settings.targets, is_lora_target) &&
            matches_any(projection->name, settings.whole, is_trained_whole)) {
            throw files::FileError(config, "modules_to_save", "no names of target_modules",
                                   projection->name);
        }
    }
    const auto tensors = read_tensors(folder / weights_name, model, settings);
    add_lora(model, settings, 0);
    const torch::NoGradGuard no_grad;
    for (NamedParameter& parameter : model.trained_parameters()) {
        parameter.tensor.copy_(tensors.at(parameter.name));
    }
    return settings;
}

void save_adapter(SequenceClassifier& model, const LoraSettings& settings,
                  const std::filesystem::path& folder, const std::string& base_model) {
    expect_adapters(model, settings);
    std::map<std::string, torch::Tensor> by_name;
    for (const NamedParameter& parameter : model.parameters()) {
        by_name.emplace(name_prefix + parameter.name, parameter.tensor);
    }
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const auto& [name, shape] : expected_tensors(model, settings)) {
        tensors.emplace_back(name, by_name.at(name));
    }
    files::create_folder(folder);
    hugging_face::write_safetensors(folder / weights_name, tensors);
    files::write_file(folder / config_name, to_json(settings, base_model).dump(2) + "\n");
}

}  // namespace kd_lora
