#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hugging_face {

/// Whether the object has the field, and not as null.
bool holds(const nlohmann::ordered_json& json, const std::string& field);

/// Reads fields of an object in config.json; `prefix` says where it stands. null counts as absent,
/// and an absent field leaves its value as it is.
/// Throws: FileError, which names the field, where its type is another or a required one is absent.
class ConfigFields {
public:
    using Json = nlohmann::ordered_json;

    /// Keeps references to both.
    ConfigFields(const Json& json, const std::filesystem::path& file, std::string prefix = {})
        : json_(json), file_(file), prefix_(std::move(prefix)) {}

    template <typename Value>
    void required(const char* field, Value& value) const {
        if (!holds(json_, field)) refuse(field, "a number", "nothing");
        optional(field, value);
    }

    void optional(const char* field, std::int64_t& value) const;
    void optional(const char* field, double& value) const;
    void optional(const char* field, bool& value) const;

    template <typename Value>
    void optional(const char* field, std::optional<Value>& value) const {
        if (!holds(json_, field)) return;
        optional(field, value.emplace());
    }

    /// A token, or a list of them; -1 for null.
    void tokens(const char* field, std::int64_t& first, std::vector<std::int64_t>& others) const;

    /// A field that may only be absent, null or one of `supported`.
    void only(const char* field, const std::vector<Json>& supported) const;

    [[noreturn]] void refuse(const std::string& field, const std::string& expected,
                             const std::string& got) const;

private:
    std::int64_t integer(const Json& found, const char* field) const;

    const Json& json_;
    const std::filesystem::path& file_;
    std::string prefix_;
};

}  // namespace hugging_face
