#include "fed_llm/model/rope_config.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/config/config_fields.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* scaling_object = "rope_scaling";
constexpr const char* parameters_object = "rope_parameters";

/// What one object says; an absent object says nothing.
struct Rope {
    std::optional<double> theta;
    std::optional<RopeScaling> scaling;
};

/// Calls `visit` with a value of each type that RopeScaling names.
template <std::size_t index = 0>
void for_each_type(const auto& visit) {
    if constexpr (index < std::variant_size_v<RopeScaling>) {
        visit(std::variant_alternative_t<index, RopeScaling>{});
        for_each_type<index + 1>(visit);
    }
}

std::string known_types() {
    std::string types = "one of \"default\"";
    for_each_type([&](const auto& type) { types += ", \"" + std::string(type.rope_type) + "\""; });
    return types + " (anything else is unsupported)";
}

/// The type, by "rope_type" or the older "type"; nothing where neither is there.
std::optional<std::string> read_type(const Json& object, const hugging_face::ConfigFields& fields) {
    std::optional<std::string> found;
    for (const char* field : {"rope_type", "type"}) {
        if (!object.contains(field)) continue;
        const Json& value = object.at(field);
        if (!value.is_string()) fields.refuse(field, known_types(), files::describe(value));
        if (found && *found != value) {
            fields.refuse(field, "the same as rope_type, " + files::describe(*found),
                          files::describe(value));
        }
        found = value.get<std::string>();
    }
    return found;
}

/// Refuses what the type has no use for: it would make other positions in another reader.
void expect_only(const Json& object, const hugging_face::ConfigFields& fields,
                 const std::set<std::string>& known, const std::string& type) {
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    for (const auto& [field, value] : object.items()) {
        if (value.is_null() || field == "rope_type" || field == "type" || known.contains(field)) {
            continue;
        }
        fields.refuse(field, "only fields of type \"" + type + "\" (" + names + ")",
                      files::describe(value));
    }
}

std::optional<RopeScaling> read_scaling(const Json& object,
                                        const hugging_face::ConfigFields& fields) {
    std::set<std::string> known{"rope_theta", "partial_rotary_factor"};
    const std::optional<std::string> type = read_type(object, fields);
    if (!type) {
        // Without a field that scales, there is nothing whose type could be missing.
        for (const auto& [field, value] : object.items()) {
            if (!known.contains(field) && !value.is_null()) {
                fields.refuse("rope_type", known_types(), "none beside " + field);
            }
        }
        return std::nullopt;
    }
    std::optional<RopeScaling> scaling;
    for_each_type([&](auto candidate) {
        if (*type != candidate.rope_type) return;
        candidate.for_each_field(candidate, [&]<typename Value>(const char* field, Value& value) {
            known.insert(field);
            if constexpr (std::is_arithmetic_v<Value>) {
                fields.required(field, value);
            } else {
                fields.optional(field, value);
            }
        });
        scaling = candidate;
    });
    if (!scaling && *type != "default") {
        fields.refuse(object.contains("rope_type") ? "rope_type" : "type", known_types(),
                      files::describe(*type));
    }
    expect_only(object, fields, known, *type);
    return scaling;
}

/// An object of fields, and where it stands.
struct Place {
    const Json* object;
    std::string prefix;
};

/// The object itself, or the one that it holds for every type of layer.
Place without_layer_types(const Json& object, const std::filesystem::path& file,
                          const std::string& prefix) {
    const hugging_face::ConfigFields fields(object, file, prefix);
    Place shared{nullptr, {}};
    for (const char* layers : {"full_attention", "sliding_attention"}) {
        if (!object.contains(layers)) continue;
        const Json& parameters = object.at(layers);
        if (!parameters.is_object())
            fields.refuse(layers, "an object", files::describe(parameters));
        if (shared.object != nullptr && *shared.object != parameters) {
            fields.refuse(layers, "the same for every type of layer", "another object");
        }
        shared = {&parameters, prefix + layers + "."};
    }
    if (shared.object == nullptr) return {&object, prefix};
    for (const auto& [field, value] : object.items()) {
        if (field != "full_attention" && field != "sliding_attention") {
            fields.refuse(field, "only objects for types of layers", files::describe(value));
        }
    }
    return shared;
}

Rope read_object(const char* name, const Json& json, const std::filesystem::path& file,
                 const LlamaConfig& config, const files::WarningObserver& warn) {
    if (!hugging_face::holds(json, name)) return {};
    if (!json.at(name).is_object()) {
        throw files::FileError(file, name, "an object", files::describe(json.at(name)));
    }
    const Place place = without_layer_types(json.at(name), file, std::string(name) + ".");
    const hugging_face::ConfigFields fields(*place.object, file, place.prefix);
    Rope rope;
    fields.optional("rope_theta", rope.theta);
    fields.only("partial_rotary_factor", {1.0});
    rope.scaling = read_scaling(*place.object, fields);
    if (!rope.scaling) return rope;
    RotarySetting setting = config.rotary_setting();
    setting.theta = rope.theta.value_or(setting.theta);
    if (const auto problem = find_problem(*rope.scaling, setting)) {
        fields.refuse(problem->field, problem->expected, problem->got);
    }
    if (const auto doubt = find_doubt(*rope.scaling, setting); doubt && warn) {
        warn(file.string() + ": " + place.prefix + doubt->field + " is " + doubt->got +
             ", where some readers take " + doubt->expected);
    }
    return rope;
}

/// Some readers take the field of this name beside the object, where there is one, for its own.
void expect_one_context(const Json& json, const hugging_face::ConfigFields& fields) {
    const char* field = "original_max_position_embeddings";
    std::vector<Json> own;
    for (const char* name : {scaling_object, parameters_object}) {
        if (hugging_face::holds(json, name) && hugging_face::holds(json.at(name), field))
            own.push_back(json.at(name).at(field));
    }
    fields.only(field, own);
}

}  // namespace

void read_rope(const Json& json, const std::filesystem::path& file, LlamaConfig& config,
               const files::WarningObserver& warn) {
    const hugging_face::ConfigFields fields(json, file);
    std::optional<double> theta;
    fields.optional("rope_theta", theta);
    fields.only("partial_rotary_factor", {1.0});
    config.rope_theta = theta.value_or(config.rope_theta);
    const Rope scaling = read_object(scaling_object, json, file, config, warn);
    const Rope parameters = read_object(parameters_object, json, file, config, warn);
    for (const auto& [name, rope] :
         {std::pair{scaling_object, &scaling}, std::pair{parameters_object, &parameters}}) {
        if (!rope->theta) continue;
        if (theta && *theta != *rope->theta) {
            fields.refuse("rope_theta", files::describe(*rope->theta) + " as in " + name,
                          files::describe(*theta));
        }
        theta = rope->theta;
    }
    if (hugging_face::holds(json, scaling_object) && hugging_face::holds(json, parameters_object) &&
        scaling.scaling != parameters.scaling) {
        fields.refuse(parameters_object, std::string("the same as ") + scaling_object,
                      "another scaling");
    }
    config.rope_theta = theta.value_or(config.rope_theta);
    if (scaling.scaling || parameters.scaling) expect_one_context(json, fields);
    config.rope_scaling =
        hugging_face::holds(json, scaling_object) ? scaling.scaling : parameters.scaling;
}

void write_rope(const LlamaConfig& config, Json& json) {
    const std::array<const char*, 3> places{"rope_theta", scaling_object, parameters_object};
    bool said = false;
    for (const char* place : places) said = said || hugging_face::holds(json, place);
    if (said) {
        LlamaConfig read = config;
        read.rope_theta = LlamaConfig().rope_theta;
        read_rope(json, {}, read, {});
        if (read.rope_theta == config.rope_theta && read.rope_scaling == config.rope_scaling) {
            return;
        }
    }
    json.erase(scaling_object);
    json.erase(parameters_object);
    json["rope_theta"] = config.rope_theta;
    if (!config.rope_scaling) return;
    Json object = Json::object();
    std::visit(
        [&](const auto& scaling) {
            object["rope_type"] = scaling.rope_type;
            scaling.for_each_field(scaling,
                                   [&]<typename Value>(const char* field, const Value& value) {
                                       if constexpr (std::is_arithmetic_v<Value>) {
                                           object[field] = value;
                                       } else if (value) {
                                           object[field] = *value;
                                       }
                                   });
        },
        *config.rope_scaling);
    json[scaling_object] = std::move(object);
}

}  // namespace fed_llm
