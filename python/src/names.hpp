#pragma once

#include <nanobind/nanobind.h>

#include <array>
#include <ferret/error.hpp>
#include <ferret/error_text.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace ferret_python {

/// What a name among `names` stands for.
/// Throws: ferret::UnknownName listing the names there are
template <class Value, std::size_t Count>
Value value_of(std::string_view what, std::string_view name,
               const std::array<std::pair<std::string_view, Value>, Count>& names) {
    std::string known;
    for (const auto& [text, value] : names) {
        if (text == name) return value;
        known.append(" ").append(text);
    }
    throw ferret::UnknownName(
        ferret::error_text({what, ": expected one of", known, ", got '", name, "'"}));
}

/// The name of a value.
template <class Value, std::size_t Count>
std::string_view name_of(Value wanted,
                         const std::array<std::pair<std::string_view, Value>, Count>& names) {
    for (const auto& [text, value] : names)
        if (value == wanted) return text;
    return "unknown";
}

/// The name of an object's class.
inline std::string class_name(nanobind::handle object) {
    return nanobind::str(object.type().attr("__name__")).c_str();
}

/// Throws: nanobind::type_error for an argument that is neither the class nor a name
[[noreturn]] inline void refuse_type(const char* argument, const char* expected,
                                     nanobind::handle got) {
    throw nanobind::type_error(
        (std::string(argument) + ": expected " + expected + ", got " + class_name(got)).c_str());
}

}  // namespace ferret_python
