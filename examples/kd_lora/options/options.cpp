#include "kd_lora/options/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "federated/options/config_file.hpp"
#include "federated/options/listed_options.hpp"
#include "kd_lora/options/option_list.hpp"

namespace kd_lora {
namespace {

bool is_one_of(const std::string& key, std::initializer_list<std::string_view> keys) {
    return std::ranges::find(keys, key) != keys.end();
}

/// What the public code has where the default is another.
nlohmann::ordered_json public_options() {
    return {{"client-weight", "batches"},        {"lr", 5e-5},    {"distill-lr", 5e-5},
            {"student-distill-lr", 5e-5},        {"kl", "raw"},   {"attention-loss", "padded"},
            {"attention-maps", "after-dropout"}, {"detach", "no"}};
}

/// Limits between options of a run.
void check_run(const Options& options) {
    const Scheme scheme = scheme_of(options);
    if (options.model.empty() != options.data.empty()) {
        throw CLI::ValidationError(
            options.model.empty() ? "--model" : "--data",
            "expected both --model and --data, or neither for the embedded default");
    }
    if (options.data.empty() && options.dataset != Options().dataset) {
        throw CLI::ValidationError(
            "--dataset", "expected --model and --data with " + options.dataset + ", got neither");
    }
    if (has_teacher(scheme) && options.model.empty() != options.teacher.empty()) {
        throw CLI::ValidationError("--teacher",
                                   options.teacher.empty()
                                       ? "expected the teacher's folder with --model, got none"
                                       : "expected --model and --data with --teacher, got neither");
    }
    if (options.public_percent == 100 || (options.public_percent == 0 && has_teacher(scheme))) {
        throw CLI::ValidationError(
            "--public-percent",
            has_teacher(scheme) ? "expected 1 to 99, got " + std::to_string(options.public_percent)
                                : "expected 0 to 99, got 100");
    }
    if (options.blocks != 1 && options.layout != federated::automatic &&
        options.layout != "uniform") {
        throw CLI::ValidationError("--blocks", "expected --layout uniform with " +
                                                   std::to_string(options.blocks) +
                                                   " blocks, got " + options.layout);
    }
    if (options.budget != 0 && !options.bytes.empty()) {
        throw CLI::ValidationError("--bytes", "expected --bytes or --budget, got both");
    }
    if (options.evaluate_clients == "yes" && has_sketches(scheme)) {
        throw CLI::ValidationError("--evaluate-clients", "expected no with " + options.scheme +
                                                             ", whose messages are sketches");
    }
}

void check_pretraining(const Options& options) {
    if (options.teacher.empty()) {
        throw CLI::ValidationError("--teacher", "expected the folder of a BERT, got none");
    }
    if (options.data.empty()) {
        throw CLI::ValidationError("--data", "expected a data set's folder or file, got none");
    }
    if (options.out.empty()) {
        throw CLI::ValidationError("--out", "expected a folder for the teacher, got none");
    }
    if (options.public_percent == 0) {
        throw CLI::ValidationError("--public-percent", "expected 1 to 100, got 0");
    }
}

/// What is to be read must be there, and all paths hold wherever the run is continued.
void complete_paths(Options& options) {
    for (const auto& [key, path] :
         {std::pair{"--model", &options.model}, {"--teacher", &options.teacher}}) {
        if (!path->empty() && !std::filesystem::is_directory(*path)) {
            throw CLI::ValidationError(key, "expected a folder, got " + *path);
        }
        *path = federated::absolute_path(*path);
    }
    if (!options.data.empty() && !std::filesystem::exists(options.data)) {
        throw CLI::ValidationError("--data", "expected a folder or a file, got " + options.data);
    }
    options.data = federated::absolute_path(options.data);
    options.cache = federated::absolute_path(options.cache);
}

CLI::App* add_command(CLI::App& app, CommandLine& line, Command command, const std::string& name,
                      const std::string& help) {
    CLI::App* added = app.add_subcommand(name, help);
    federated::add_options(*added, line.options, option_list,
                           [&](const std::string& key) { return is_option_of(command, key); });
    return added;
}

}  // namespace

bool is_option_of(Command command, const std::string& key) {
    if (command == Command::run) return key != "epochs";
    return is_one_of(
        key, {"preset", "teacher", "dataset", "data", "max-length", "clients", "public-percent",
              "split", "seed", "batching", "optimizer", "lr", "batch-size", "epochs",
              "public-examples", "test-examples", "out", "device", "threads"});
}

bool reads_option(Scheme scheme, const std::string& key) {
    if (is_of_sketches(key)) return has_sketches(scheme);
    if (is_one_of(key, {"client-weight", "evaluate-clients"})) return !has_sketches(scheme);
    if (key.starts_with("lora-")) return has_adapters(scheme);
    if (is_one_of(key, {"teacher", "public-examples", "teacher-epochs", "kd-epochs", "distill-lr",
                        "student-distill-lr", "kl", "attention-loss", "attention-weight",
                        "attention-maps", "detach"})) {
        return has_teacher(scheme);
    }
    return true;
}

CommandLine parse_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err) {
    CommandLine line;
    CLI::App app(
        "Federated tuning of BERT-like classifiers: FedAvg, FedLoRA, FedKD-LoRA, and Ferret",
        "kd_lora");
    app.require_subcommand(1);
    // Also after the subcommand, whose options the file has.
    app.fallthrough();
    federated::add_config_file(app, [&app] {
        const std::vector<CLI::App*> commands = app.get_subcommands();
        return commands.empty() ? std::string() : commands.front()->get_name();
    });
    CLI::App* run = add_command(app, line, Command::run, "run", "Run a federation");
    std::string resume;
    run->add_option("--resume", resume, "Continue the interrupted run in this folder")
        ->check(CLI::ExistingDirectory)
        ->group("Run");
    run->add_flag("--dry-run", line.dry_run,
                  "Only print models, shares, rounds, bytes and memory of the run")
        ->configurable(false)
        ->excludes("--resume")
        ->group("Run");
    CLI::App* pretrain = add_command(app, line, Command::pretrain, "pretrain",
                                     "Train the teacher on the public share, and save it");
    CLI::App* compare = app.add_subcommand("compare", "Print a table of runs, and plot them");
    std::vector<std::string> runs;
    compare->add_option("RUN", runs, "Run folders")->required()->check(CLI::ExistingDirectory);
    std::string plot;
    compare->add_option("--plot", plot,
                        "Draw accuracy against rounds, bytes and seconds into this file "
                        "(.svg or .png); needs python3 with Matplotlib");

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
        line.command = run->parsed()        ? Command::run
                       : pretrain->parsed() ? Command::pretrain
                                            : Command::compare;
        if (line.command != Command::compare) {
            line.given =
                federated::given_keys(run->parsed() ? *run : *pretrain, line.options, option_list);
            if (line.options.preset == "paper") {
                federated::apply_preset(line.options, option_list, public_options(), line.given);
            }
            // A run that is continued has its own, checked when it was begun.
            if (line.command == Command::pretrain) check_pretraining(line.options);
            if (line.command == Command::run && resume.empty()) check_run(line.options);
            complete_paths(line.options);
            federated::expect_utf8(line.options, option_list);
        }
    } catch (const CLI::ParseError& error) {
        line.exit_code = app.exit(error, out, err);
        return line;
    }
    if (!resume.empty()) line.resume = resume;
    line.compare_runs.assign(runs.begin(), runs.end());
    if (!plot.empty()) line.plot = plot;
    return line;
}

Scheme scheme_of(const Options& options) {
    return federated::choose(schemes, "scheme", options.scheme);
}

double rate_of(const Options& options, Command command) {
    if (options.lr > 0.0) return options.lr;
    if (command == Command::pretrain) return 5e-5;
    return has_adapters(scheme_of(options)) ? 1e-3 : 1e-4;
}

std::string unread_options(const CommandLine& line) {
    std::string unread;
    for (const std::string& key : line.given) {
        if (reads_option(scheme_of(line.options), key)) continue;
        unread += (unread.empty() ? "--" : ", --") + key;
    }
    return unread.empty() ? unread : line.options.scheme + " does not read " + unread;
}

nlohmann::ordered_json to_json(const Options& options) {
    return federated::options_to_json(options, option_list);
}

Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file) {
    return federated::options_from_json<Options>(json, option_list, file);
}

Options resumed_options(const Options& stored, const CommandLine& line) {
    Options before = stored;
    before.out = federated::absolute_path(line.resume->string());
    Options now = line.options;
    now.out = federated::absolute_path(line.options.out);
    Options resumed = federated::resumed_options(before, now, line.given, {"threads"}, option_list);
    resumed.out = line.resume->string();
    return resumed;
}

}  // namespace kd_lora
