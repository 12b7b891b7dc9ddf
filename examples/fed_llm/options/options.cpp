#include "fed_llm/options/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <type_traits>

#include "fed_llm/options/option_list.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/unicode.hpp"

namespace fed_llm {
namespace {

/// The value as it would stand on the command line.
std::string as_text(const nlohmann::ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_options(CLI::App& app, Options& options) {
    visit_options(options, [&](const std::string& key, auto& field, const std::string& group,
                               const std::string& help, const CLI::Validator& limits) {
        CLI::Option* option = app.add_option("--" + key, field, help);
        option->check(limits)->group(group)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) {
            if (!field.empty()) option->capture_default_str();
        } else {
            option->capture_default_str();
        }
    });
}

/// The path from the root, without a slash at its end: names are made by adding to it.
std::string absolute(const std::string& path) {
    if (path.empty()) return path;
    const auto whole = std::filesystem::absolute(path).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).string();
}

/// Reads a configuration file as CLI11 does, which takes a byte order mark for a part of a key.
class MarkedConfig : public CLI::ConfigTOML {
public:
    std::vector<CLI::ConfigItem> from_config(std::istream& stream) const override {
        std::ostringstream bytes;
        bytes << stream.rdbuf();
        std::istringstream text;
        try {
            text.str(files::without_byte_order_mark(bytes.str(), "--config"));
        } catch (const files::FileError& error) {
            throw CLI::ConfigError(error.what(), CLI::ExitCodes::ConfigError);
        }
        return CLI::ConfigTOML::from_config(text);
    }
};

/// Limits between options.
void check_together(const Options& options) {
    if (options.model.empty() != options.data.empty()) {
        throw CLI::ValidationError(
            options.model.empty() ? "--model" : "--data",
            "expected both --model and --data, or neither for the embedded default");
    }
    if (options.data.empty() && options.dataset != Options().dataset) {
        throw CLI::ValidationError(
            "--dataset", "expected --model and --data with " + options.dataset + ", got neither");
    }
    if (options.blocks != 1 && options.layout != federated::automatic &&
        federated::choose(federated::layouts, "layout", options.layout) !=
            federated::LayoutKind::uniform) {
        throw CLI::ValidationError("--blocks", "expected --layout uniform with " +
                                                   std::to_string(options.blocks) +
                                                   " blocks, got " + options.layout);
    }
    if (options.budget != 0 && !options.bytes.empty()) {
        throw CLI::ValidationError("--bytes", "expected --bytes or --budget, got both");
    }
    const federated::AlgorithmEntry& algorithm = federated::find_algorithm(options.algorithm);
    if (options.device != "cpu" && !algorithm.gpu) {
        throw CLI::ValidationError(
            "--device", "expected cpu with " + options.algorithm + ", got " + options.device);
    }
    if (options.shards != 1 && options.device != "cpu") {
        throw CLI::ValidationError("--shards", "expected 1 with --device " + options.device +
                                                   ", got " + std::to_string(options.shards));
    }
    if (options.shards != 1 && !algorithm.shards) {
        throw CLI::ValidationError("--shards", "expected 1 with " + options.algorithm + ", got " +
                                                   std::to_string(options.shards));
    }
}

/// What the paper's experiments have where the default is another.
nlohmann::ordered_json paper_options() {
    return {
        {"basis", "truncated-normal"}, {"layout", "grouped"},      {"budget", 4096},
        {"budget-rule", "norm-share"}, {"coordinates", "float32"}, {"coordinates-down", "float32"},
        {"seeds", "shared"},           {"broadcast", "sketches"}};
}

/// Gives the options that were not given what their preset says.
void apply_preset(Options& options, const std::vector<std::string>& given) {
    if (options.preset != "paper") return;
    const nlohmann::ordered_json preset = paper_options();
    const auto is_given = [&](const std::string& key) {
        return std::find(given.begin(), given.end(), key) != given.end();
    };
    visit_options(options,
                  [&](const std::string& key, auto& field, const auto&, const auto&, const auto&) {
                      if (!preset.contains(key) || is_given(key)) return;
                      if (key == "budget" && is_given("bytes")) return;
                      field = preset[key].template get<std::decay_t<decltype(field)>>();
                  });
}

/// What is to be read must be there, and all paths hold wherever the run is continued.
void complete_paths(Options& options) {
    if (!options.model.empty() && !std::filesystem::is_directory(options.model)) {
        throw CLI::ValidationError("--model", "expected a folder, got " + options.model);
    }
    if (!options.data.empty() && !std::filesystem::exists(options.data)) {
        throw CLI::ValidationError("--data", "expected a folder or a file, got " + options.data);
    }
    options.model = absolute(options.model);
    options.data = absolute(options.data);
    options.cache = absolute(options.cache);
}

/// config.json holds the options, and JSON is UTF-8.
void expect_utf8(const Options& options) {
    visit_options(options, [](const std::string& key, const auto& field, const auto&, const auto&,
                              const auto&) {
        if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) {
            const std::string text = files::replace_ill_formed(field);
            if (text != field) {
                throw CLI::ValidationError("--" + key, "expected UTF-8, got " + text);
            }
        }
    });
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err) {
    CommandLine line;
    CLI::App app("Federated tuning of language models: Ferret, and what it is compared with",
                 "fed_llm");
    app.config_formatter(std::make_shared<MarkedConfig>());
    app.set_config("--config", "", "Read options from a TOML or INI file, as KEY = VALUE");
    app.allow_config_extras(CLI::config_extras_mode::error);
    add_options(app, line.options);
    std::string resume;
    app.add_option("--resume", resume, "Continue the interrupted run in this folder")
        ->check(CLI::ExistingDirectory)
        ->group("Run");
    app.add_flag("--dry-run", line.dry_run,
                 "Only print model, clients, rounds, bytes and memory of the run")
        ->configurable(false)
        ->excludes("--resume")
        ->group("Run");
    CLI::App* compare = app.add_subcommand("compare", "Print a table of runs, and plot them");
    std::vector<std::string> runs;
    compare->add_option("RUN", runs, "Run folders")->required()->check(CLI::ExistingDirectory);
    std::string plot;
    compare->add_option("--plot", plot,
                        "Draw loss against rounds, bytes and seconds into this file "
                        "(.svg or .png); needs python3 with Matplotlib");

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
        visit_options(line.options, [&](const std::string& key, const auto&, const auto&,
                                        const auto&, const auto&) {
            if (app.get_option("--" + key)->count() > 0) line.given.push_back(key);
        });
        apply_preset(line.options, line.given);
        check_together(line.options);
        complete_paths(line.options);
        expect_utf8(line.options);
    } catch (const CLI::ParseError& error) {
        line.exit_code = app.exit(error, out, err);
        return line;
    }
    if (!resume.empty()) line.resume = resume;
    line.compare_runs.assign(runs.begin(), runs.end());
    if (!plot.empty()) line.plot = plot;
    return line;
}

std::string unread_options(const CommandLine& line) {
    const federated::AlgorithmEntry& algorithm = federated::find_algorithm(line.options.algorithm);
    std::string unread;
    for (const std::string& key : line.given) {
        if (federated::reads_option(algorithm, key)) continue;
        unread += (unread.empty() ? "--" : ", --") + key;
    }
    return unread.empty() ? unread : line.options.algorithm + " does not read " + unread;
}

nlohmann::ordered_json to_json(const Options& options) {
    auto json = nlohmann::ordered_json::object();
    visit_options(options, [&](const std::string& key, const auto& field, const auto&, const auto&,
                               const auto&) { json[key] = field; });
    return json;
}

Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file) {
    if (!json.is_object())
        throw files::FileError(file, "options", "an object", files::describe(json));
    Options options;
    std::set<std::string> known;
    std::vector<std::string> reversed;
    visit_options(options,
                  [&](const std::string& key, const auto&, const auto&, const auto&, const auto&) {
                      known.insert(key);
                      if (!json.contains(key))
                          throw files::FileError(file, "options." + key, "a value", "nothing");
                      if (json[key].is_structured()) {
                          throw files::FileError(file, "options." + key, "a number or text",
                                                 files::describe(json[key]));
                      }
                      // "--key=" would take the next argument for its value; empty is what paths are by
                      // default.
                      if (json[key] != "")
                          reversed.push_back("--" + key + "=" + as_text(json[key]));
                  });
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            throw files::FileError(file, "options." + key, "no such option",
                                   files::describe(value));
        }
    }
    CLI::App app;
    add_options(app, options);
    try {
        app.parse(reversed);
        check_together(options);
    } catch (const CLI::ParseError& error) {
        throw files::FileError(file, "options", "values within their limits", error.what());
    }
    return options;
}

Options resumed_options(const Options& stored, const CommandLine& line) {
    nlohmann::ordered_json before = to_json(stored);
    before["out"] = absolute(line.resume->string());
    nlohmann::ordered_json now = to_json(line.options);
    now["out"] = absolute(line.options.out);
    Options resumed = stored;
    for (const std::string& key : line.given) {
        if (key != "threads" && key != "shards" && before[key] != now[key]) {
            throw std::invalid_argument("resume: option '" + key + "': the run has " +
                                        files::describe(before[key]) + ", the command line says " +
                                        files::describe(now[key]));
        }
        if (key == "threads") resumed.threads = line.options.threads;
        if (key == "shards") resumed.shards = line.options.shards;
    }
    resumed.out = line.resume->string();
    return resumed;
}

}  // namespace fed_llm
