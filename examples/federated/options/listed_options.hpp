#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/unicode.hpp"

namespace federated {

// What programs do with the one list of their options, a function that calls
// visit(key, field, group, help, limits) for each: `list(options, visit)`.

/// Adds to `app` those of the list whose key `wanted` takes.
template <class Options, class List, class Wanted>
void add_options(CLI::App& app, Options& options, const List& list, const Wanted& wanted) {
    list(options, [&](const std::string& key, auto& field, const std::string& group,
                      const std::string& help, const CLI::Validator& limits) {
        if (!wanted(key)) return;
        CLI::Option* option = app.add_option("--" + key, field, help);
        option->check(limits)->group(group)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) {
            if (!field.empty()) option->capture_default_str();
        } else {
            option->capture_default_str();
        }
    });
}

/// The keys of the list that the parsed command line sets.
template <class Options, class List>
std::vector<std::string> given_keys(const CLI::App& app, const Options& options, const List& list) {
    std::vector<std::string> given;
    list(options, [&](const std::string& key, const auto&, const auto&, const auto&, const auto&) {
        const CLI::Option* option = app.get_option_no_throw("--" + key);
        if (option != nullptr && option->count() > 0) given.push_back(key);
    });
    return given;
}

/// Gives the options that are not among `given` what `preset` has for them.
template <class Options, class List>
void apply_preset(Options& options, const List& list, const nlohmann::ordered_json& preset,
                  const std::vector<std::string>& given) {
    list(options, [&](const std::string& key, auto& field, const auto&, const auto&, const auto&) {
        if (!preset.contains(key) || std::ranges::find(given, key) != given.end()) return;
        field = preset[key].template get<std::decay_t<decltype(field)>>();
    });
}

/// config.json holds the options, and JSON is UTF-8. Throws: CLI::ValidationError
template <class Options, class List>
void expect_utf8(const Options& options, const List& list) {
    list(options,
         [](const std::string& key, const auto& field, const auto&, const auto&, const auto&) {
             if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) {
                 const std::string text = files::replace_ill_formed(field);
                 if (text != field) {
                     throw CLI::ValidationError("--" + key, "expected UTF-8, got " + text);
                 }
             }
         });
}

/// The options by key.
template <class Options, class List>
nlohmann::ordered_json options_to_json(const Options& options, const List& list) {
    auto json = nlohmann::ordered_json::object();
    list(options, [&](const std::string& key, const auto& field, const auto&, const auto&,
                      const auto&) { json[key] = field; });
    return json;
}

/// Reads back options_to_json; `file` is named in errors. Every value is checked as on the command line.
/// Throws: FileError for a key that is missing, unknown or has a value out of its limits
template <class Options, class List>
Options options_from_json(const nlohmann::ordered_json& json, const List& list,
                          const std::filesystem::path& file) {
    if (!json.is_object()) {
        throw files::FileError(file, "options", "an object", files::describe(json));
    }
    Options options;
    std::set<std::string> known;
    std::vector<std::string> reversed;
    list(options, [&](const std::string& key, const auto&, const auto&, const auto&, const auto&) {
        known.insert(key);
        if (!json.contains(key)) {
            throw files::FileError(file, "options." + key, "a value", "nothing");
        }
        const nlohmann::ordered_json& value = json[key];
        if (value.is_structured()) {
            throw files::FileError(file, "options." + key, "a number or text",
                                   files::describe(value));
        }
        // "--key=" would take the next argument for its value; empty is what paths are by default.
        if (value == "") return;
        reversed.push_back("--" + key + "=" +
                           (value.is_string() ? value.get<std::string>() : value.dump()));
    });
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            throw files::FileError(file, "options." + key, "no such option",
                                   files::describe(value));
        }
    }
    CLI::App app;
    add_options(app, options, list, [](const std::string&) { return true; });
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        throw files::FileError(file, "options", "values within their limits", error.what());
    }
    return options;
}

/// The options of a run that is continued: `before`, whose keys in `free` may have another value.
/// Throws: std::invalid_argument naming the key if one that was given has another value
template <class Options, class List>
Options resumed_options(const Options& before, const Options& now,
                        const std::vector<std::string>& given, const std::set<std::string>& free,
                        const List& list) {
    const nlohmann::ordered_json old_values = options_to_json(before, list);
    const nlohmann::ordered_json new_values = options_to_json(now, list);
    Options resumed = before;
    for (const std::string& key : given) {
        if (free.contains(key) || old_values[key] == new_values[key]) continue;
        throw std::invalid_argument("resume: option '" + key + "': the run has " +
                                    files::describe(old_values[key]) + ", the command line says " +
                                    files::describe(new_values[key]));
    }
    list(resumed, [&](const std::string& key, auto& field, const auto&, const auto&, const auto&) {
        if (!free.contains(key) || std::ranges::find(given, key) == given.end()) return;
        field = new_values[key].template get<std::decay_t<decltype(field)>>();
    });
    return resumed;
}

/// The path from the root, without a slash at its end: names are made by adding to it. Empty stays.
inline std::string absolute_path(const std::string& path) {
    if (path.empty()) return path;
    const auto whole = std::filesystem::absolute(path).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).string();
}

}  // namespace federated
