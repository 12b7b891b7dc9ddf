#include "hugging_face/config/config_fields.hpp"

#include <algorithm>
#include <limits>

#include "files/file.hpp"
#include "files/file_error.hpp"

namespace hugging_face {
namespace {

constexpr std::size_t max_eos_tokens = 16;

}  // namespace

bool holds(const nlohmann::ordered_json& json, const std::string& field) {
    return json.contains(field) && !json.at(field).is_null();
}

void ConfigFields::optional(const char* field, std::int64_t& value) const {
    if (!holds(json_, field)) return;
    value = integer(json_.at(field), field);
}

void ConfigFields::optional(const char* field, double& value) const {
    if (!holds(json_, field)) return;
    const Json& found = json_.at(field);
    if (!found.is_number()) refuse(field, "a number", files::describe(found));
    value = found.get<double>();
}

void ConfigFields::optional(const char* field, bool& value) const {
    if (!holds(json_, field)) return;
    const Json& found = json_.at(field);
    if (!found.is_boolean()) refuse(field, "true or false", files::describe(found));
    value = found.get<bool>();
}

void ConfigFields::tokens(const char* field, std::int64_t& first,
                          std::vector<std::int64_t>& others) const {
    if (!json_.contains(field)) return;
    const Json& found = json_.at(field);
    first = -1;
    if (found.is_null()) return;
    if (!found.is_array()) {
        first = integer(found, field);
        return;
    }
    if (found.empty() || found.size() > max_eos_tokens) {
        refuse(field, "1.." + std::to_string(max_eos_tokens) + " tokens", files::describe(found));
    }
    first = integer(found.front(), field);
    for (std::size_t i = 1; i < found.size(); ++i) others.push_back(integer(found[i], field));
}

void ConfigFields::only(const char* field, const std::vector<Json>& supported) const {
    if (!holds(json_, field)) return;
    const Json& found = json_.at(field);
    if (std::find(supported.begin(), supported.end(), found) != supported.end()) return;
    std::string expected;
    for (const Json& value : supported)
        expected += (expected.empty() ? "" : " or ") + files::describe(value);
    refuse(field, (supported.empty() ? "nothing" : expected) + " (anything else is unsupported)",
           files::describe(found));
}

void ConfigFields::refuse(const std::string& field, const std::string& expected,
                          const std::string& got) const {
    throw files::FileError(file_, prefix_ + field, expected, got);
}

std::int64_t ConfigFields::integer(const Json& found, const char* field) const {
    // An unsigned number above 2^63 would wrap.
    const bool fits = found.is_number_integer() &&
                      (!found.is_number_unsigned() ||
                       found.get<std::uint64_t>() <=
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits) refuse(field, "an integer", files::describe(found));
    return found.get<std::int64_t>();
}

}  // namespace hugging_face
