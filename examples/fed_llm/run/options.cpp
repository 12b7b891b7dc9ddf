#include "run/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <set>
#include <stdexcept>
#include <type_traits>

#include "file/file.hpp"
#include "file/file_error.hpp"

namespace fed_llm {
namespace {

/// A real number of the interval (above, most].
CLI::Validator real(double above, double most, const std::string& expected) {
    const auto check = [=](std::string& text) -> std::string {
        double value = 0.0;
        if (!CLI::detail::lexical_cast(text, value) || !std::isfinite(value) || value <= above ||
            value > most) {
            return "expected " + expected + ", got " + text;
        }
        return {};
    };
    return {check, expected, expected};
}

/// LibTorch computes with rates as float.
CLI::Validator rate() {
    return real(0.0, std::numeric_limits<float>::max(), "a finite number above 0");
}

CLI::Validator share() {
    return real(0.0, 1.0, "a number in (0, 1]");
}

CLI::Validator whole(std::int64_t least, std::int64_t most) {
    const std::string expected =
        "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    const auto check = [=](std::string& text) -> std::string {
        std::int64_t value = 0;
        if (!CLI::detail::lexical_cast(text, value) || value < least || value > most) {
            return "expected " + expected + ", got " + text;
        }
        return {};
    };
    return {check, expected, expected};
}

CLI::Validator one_of(const std::vector<std::string>& names) {
    std::string expected;
    for (const std::string& name : names) expected += (expected.empty() ? "" : "|") + name;
    const auto check = [=](std::string& text) -> std::string {
        if (std::find(names.begin(), names.end(), text) != names.end()) return {};
        return "expected " + expected + ", got " + text;
    };
    return {check, expected, expected};
}

CLI::Validator any(const std::string& unit) {
    return {[](std::string&) { return std::string(); }, unit, unit};
}

constexpr std::int64_t million = 1'000'000;

/// The one list of options: calls visit(key, field, group, help, limits) for each.
template <class SomeOptions, class Visitor>
void visit_options(SomeOptions& o, const Visitor& visit) {
    visit("algorithm", o.algorithm, "Method", "What clients send, and what the server does with it",
          one_of({"ferret", "fedavg"}));

    visit("model", o.model, "Model and data",
          "LLaMA in Hugging Face's layout, with tokenizer.model (default: a small embedded model)",
          any("DIR"));
    visit("dataset", o.dataset, "Model and data", "How --data is read",
          one_of({"natural-instructions"}));
    visit("data", o.data, "Model and data", "The data set (default: small embedded tasks)",
          any("DIR"));
    visit("max-length", o.max_length, "Model and data",
          "Tokens of prompt and response; longer examples are dropped", whole(8, million));

    visit("rounds", o.rounds, "Federation", "Rounds; 0 only evaluates the model",
          whole(0, million));
    visit("participation", o.participation, "Federation",
          "Share of the clients that take part in a round", share());
    visit("clients-per-round", o.clients_per_round, "Federation",
          "Number of clients that take part in a round; 0 goes by --participation",
          whole(0, million));
    visit("server-lr", o.server_lr, "Federation",
          "Server rate: how far the model follows the clients' mean update", rate());
    visit("server-schedule", o.server_schedule, "Federation",
          "How the server rate goes down over the rounds",
          one_of({"constant", "linear", "cosine"}));
    visit("seed", o.seed, "Federation",
          "Seed of the sampling of data and clients, and of the bases",
          whole(0, std::numeric_limits<std::int64_t>::max()));

    visit("local-steps", o.local_steps, "Local training",
          "Optimiser steps of a client in a round (T)", whole(1, million));
    visit("accumulate", o.accumulate, "Local training",
          "Batches whose mean gradient makes one step", whole(1, million));
    visit("batch-size", o.batch_size, "Local training", "Examples in a batch", whole(1, million));
    visit("optimizer", o.optimizer, "Local training", "Optimiser, fresh in each round",
          one_of({"sgd", "adamw"}));
    visit("lr", o.lr, "Local training", "Learning rate of a client's steps", rate());

    visit("basis", o.basis, "Ferret", "Distribution of the random bases",
          one_of({"truncated-normal", "truncated-normal-32", "gaussian", "rademacher",
                  "sparse-sign"}));
    visit("budget", o.budget, "Ferret", "Coordinates in a client's message (K)",
          whole(1, std::numeric_limits<std::uint32_t>::max()));
    visit("budget-rule", o.budget_rule, "Ferret", "How the budget is spread over the blocks",
          one_of({"norm-share", "uniform", "proportional", "minimum-error"}));
    visit("layout", o.layout, "Ferret", "Blocks: tensors in groups of like size, or one a tensor",
          one_of({"grouped", "per-tensor"}));
    visit("coordinates", o.coordinates, "Ferret", "Number format of coordinates in messages",
          one_of({"float32", "int16"}));
    visit("seeds", o.seeds, "Ferret", "Bases of a round: the same for all clients, or each its own",
          one_of({"shared", "per-client"}));
    visit("seed-refresh", o.seed_refresh, "Ferret", "New bases each round, or the same in all",
          one_of({"round", "fixed"}));

    visit("test-examples", o.test_examples, "Evaluation",
          "Test examples, spread evenly over the test set; 0 takes all", whole(0, million));
    visit("rouge-examples", o.rouge_examples, "Evaluation",
          "Test examples answered after the last round for Rouge-L", whole(0, million));
    visit("max-new-tokens", o.max_new_tokens, "Evaluation", "Tokens of an answer at most",
          whole(1, million));

    visit("out", o.out, "Run", "Run folder, made new (default: runs/ALGORITHM)", any("DIR"));
    visit("cache", o.cache, "Run",
          "Where the embedded model and tasks are kept for other runs (default: in the run folder)",
          any("DIR"));
    visit("threads", o.threads, "Run", "Processor threads; 0 leaves it to LibTorch",
          whole(0, 4096));
}

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

std::string absolute(const std::string& path) {
    return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

/// Limits between options.
void check_together(const Options& options) {
    if (options.model.empty() != options.data.empty()) {
        throw CLI::ValidationError(
            options.model.empty() ? "--model" : "--data",
            "expected both --model and --data, or neither for the embedded default");
    }
}

/// Folders to read must be there, and all paths hold wherever the run is continued.
void complete_paths(Options& options) {
    for (const auto& [name, folder] :
         {std::pair("--model", &options.model), std::pair("--data", &options.data)}) {
        if (!folder->empty() && !std::filesystem::is_directory(*folder)) {
            throw CLI::ValidationError(name, "expected a folder, got " + *folder);
        }
    }
    options.model = absolute(options.model);
    options.data = absolute(options.data);
    options.cache = absolute(options.cache);
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
    CommandLine line;
    CLI::App app("Federated tuning of language models with Ferret and FedAvg", "fed_llm");
    app.set_config("--config", "", "Read options from a TOML or INI file, as KEY = VALUE");
    app.allow_config_extras(CLI::config_extras_mode::error);
    add_options(app, line.options);
    std::string resume;
    app.add_option("--resume", resume, "Continue the interrupted run in this folder")
        ->check(CLI::ExistingDirectory)
        ->group("Run");
    CLI::App* compare = app.add_subcommand("compare", "Print a table of finished runs");
    std::vector<std::string> runs;
    compare->add_option("RUN", runs, "Run folders")->required()->check(CLI::ExistingDirectory);

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
        check_together(line.options);
        complete_paths(line.options);
    } catch (const CLI::ParseError& error) {
        line.exit_code = app.exit(error);
        return line;
    }
    visit_options(line.options,
                  [&](const std::string& key, const auto&, const auto&, const auto&, const auto&) {
                      if (app.get_option("--" + key)->count() > 0) line.given.push_back(key);
                  });
    if (!resume.empty()) line.resume = resume;
    line.compare_runs.assign(runs.begin(), runs.end());
    return line;
}

nlohmann::ordered_json to_json(const Options& options) {
    auto json = nlohmann::ordered_json::object();
    visit_options(options, [&](const std::string& key, const auto& field, const auto&, const auto&,
                               const auto&) { json[key] = field; });
    return json;
}

Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file) {
    if (!json.is_object()) throw FileError(file, "options", "an object", describe(json));
    Options options;
    std::set<std::string> known;
    std::vector<std::string> reversed;
    visit_options(
        options, [&](const std::string& key, const auto&, const auto&, const auto&, const auto&) {
            known.insert(key);
            if (!json.contains(key)) throw FileError(file, "options." + key, "a value", "nothing");
            if (json[key].is_structured()) {
                throw FileError(file, "options." + key, "a number or text", describe(json[key]));
            }
            // "--key=" would take the next argument for its value; empty is what paths are by
            // default.
            if (json[key] != "") reversed.push_back("--" + key + "=" + as_text(json[key]));
        });
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            throw FileError(file, "options." + key, "no such option", describe(value));
        }
    }
    CLI::App app;
    add_options(app, options);
    try {
        app.parse(reversed);
        check_together(options);
    } catch (const CLI::ParseError& error) {
        throw FileError(file, "options", "values within their limits", error.what());
    }
    return options;
}

Options resumed_options(const Options& stored, const CommandLine& line) {
    constexpr std::array<std::string_view, 2> changeable{"out", "threads"};
    const nlohmann::ordered_json before = to_json(stored);
    const nlohmann::ordered_json now = to_json(line.options);
    Options resumed = stored;
    for (const std::string& key : line.given) {
        const bool may_change =
            std::find(changeable.begin(), changeable.end(), key) != changeable.end();
        if (!may_change && before[key] != now[key]) {
            throw std::invalid_argument("resume: option '" + key + "': the run has " +
                                        describe(before[key]) + ", the command line says " +
                                        describe(now[key]));
        }
        if (key == "threads") resumed.threads = line.options.threads;
    }
    resumed.out = line.resume->string();
    return resumed;
}

}  // namespace fed_llm
