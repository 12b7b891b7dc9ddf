#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace federated {

/// A value that an option can have, and its name on the command line. Tables of these are the one place
/// where the names stand.
template <class Value>
struct Choice {
    std::string_view name;
    Value value;
};

/// The names, in the table's order.
template <class Table>
std::vector<std::string> names_of(const Table& choices) {
    std::vector<std::string> names;
    for (const auto& choice : choices) names.emplace_back(choice.name);
    return names;
}

/// The value's name. Throws: std::invalid_argument for a value that is not in the table
template <class Value, std::size_t count>
std::string_view name_of(const Choice<Value> (&choices)[count], Value value) {
    for (const Choice<Value>& choice : choices) {
        if (choice.value == value) return choice.name;
    }
    throw std::invalid_argument("choice: expected a value with a name");
}

/// The value of that name. `option` is named in errors.
/// Throws: std::invalid_argument for another name, listing those that there are
template <class Value, std::size_t count>
Value choose(const Choice<Value> (&choices)[count], std::string_view option,
             std::string_view name) {
    std::string expected;
    for (std::size_t i = 0; i < count; ++i) {
        if (choices[i].name == name) return choices[i].value;
        expected += i == 0 ? "" : i + 1 == count ? " or " : ", ";
        expected += choices[i].name;
    }
    throw std::invalid_argument(std::string(option) + ": expected " + expected + ", got '" +
                                std::string(name) + "'");
}

}  // namespace federated
