#include "fed_llm/options/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "fed_llm/options/option_list.hpp"
#include "federated/options/config_file.hpp"
#include "federated/options/listed_options.hpp"

namespace fed_llm {
namespace {

constexpr auto option_list = [](auto& options, const auto& visit) {
    visit_options(options, visit);
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
void apply_preset(Options& options, std::vector<std::string> given) {
    if (options.preset != "paper") return;
    if (std::ranges::find(given, "bytes") != given.end()) given.emplace_back("budget");
    federated::apply_preset(options, option_list, paper_options(), given);
}

/// What is to be read must be there, and all paths hold wherever the run is continued.
void complete_paths(Options& options) {
    if (!options.model.empty() && !std::filesystem::is_directory(options.model)) {
        throw CLI::ValidationError("--model", "expected a folder, got " + options.model);
    }
    if (!options.data.empty() && !std::filesystem::exists(options.data)) {
        throw CLI::ValidationError("--data", "expected a folder or a file, got " + options.data);
    }
    options.model = federated::absolute_path(options.model);
    options.data = federated::absolute_path(options.data);
    options.cache = federated::absolute_path(options.cache);
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err) {
    CommandLine line;
    CLI::App app("Federated tuning of language models: Ferret, and what it is compared with",
                 "fed_llm");
    federated::add_config_file(app, [] { return std::string(); });
    federated::add_options(app, line.options, option_list, [](const std::string&) { return true; });
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
        line.given = federated::given_keys(app, line.options, option_list);
        apply_preset(line.options, line.given);
        check_together(line.options);
        complete_paths(line.options);
        federated::expect_utf8(line.options, option_list);
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
    return federated::options_to_json(options, option_list);
}

Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file) {
    auto options = federated::options_from_json<Options>(json, option_list, file);
    try {
        check_together(options);
    } catch (const CLI::ParseError& error) {
        throw files::FileError(file, "options", "values within their limits", error.what());
    }
    return options;
}

Options resumed_options(const Options& stored, const CommandLine& line) {
    Options before = stored;
    before.out = federated::absolute_path(line.resume->string());
    Options now = line.options;
    now.out = federated::absolute_path(line.options.out);
    Options resumed =
        federated::resumed_options(before, now, line.given, {"threads", "shards"}, option_list);
    resumed.out = line.resume->string();
    return resumed;
}

}  // namespace fed_llm
