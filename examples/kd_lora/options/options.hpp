#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "federated/options/algorithm_options.hpp"
#include "kd_lora/options/choices.hpp"

namespace kd_lora {

/// Everything that can be chosen for a run, or for the teacher's pre-training. option_list.hpp holds the
/// one list that gives each field its name, limits and help.
struct Options : federated::AlgorithmOptions {
    Options() {
        batch_size = 32;
        optimizer = "transformers";
        lr = 0.0;
    }

    std::string scheme = "fedkd-lora";
    std::string preset = "default";
    std::string model;    ///< the student's folder; empty: the embedded one
    std::string teacher;  ///< folder; empty: the embedded one
    std::string dataset = "tsv";
    std::string data;  ///< folder or file; empty: the embedded sentences
    std::int64_t max_length = 0;
    std::int64_t clients = 4;
    std::int64_t public_percent = -1;  ///< -1: default_public_percent
    std::string split = "contiguous";
    double split_alpha = 0.5;

    std::int64_t rounds = 10;
    std::string server_schedule = "constant";
    std::string client_weight = "examples";

    std::int64_t client_epochs = 1;
    std::int64_t examples_per_round = 0;  ///< 0: all of the share
    std::string batching = "random";

    double lora_dropout = 0.1;
    std::string lora_targets = "q_lin,v_lin";
    std::string lora_whole = "classifier";

    std::int64_t epochs = 0;           ///< of pre-training; 0: cola 5, others 3
    std::int64_t public_examples = 0;  ///< 0: all of the public share
    std::int64_t teacher_epochs = 1;
    std::int64_t kd_epochs = 1;
    double distill_lr = 5e-5;
    double student_distill_lr = 0.0;  ///< 0: as lr
    std::string kl = "reverse";
    std::string attention_loss = "masked";
    double attention_weight = 1.0;
    std::string attention_maps = "before-dropout";
    std::string detach = "yes";

    std::int64_t test_examples = 0;  ///< 0: all
    std::string evaluate_clients = "no";

    std::string out;
    std::string cache;  ///< empty: inside `out`
    std::int64_t threads = 0;
    std::string device = "cpu";
};

enum class Command { run, pretrain, compare };

/// A parsed command line.
struct CommandLine {
    Command command = Command::run;
    Options options;
    std::vector<std::string> given;                   ///< the keys it sets
    std::optional<std::filesystem::path> resume;      ///< the run to continue
    bool dry_run = false;                             ///< only tell what the run would be
    std::vector<std::filesystem::path> compare_runs;  ///< of the subcommand compare
    std::optional<std::filesystem::path> plot;        ///< of compare: the picture to draw
    std::optional<int> exit_code;  ///< set: help or an error was printed, leave with this code
};

/// Parses `arguments` (without the program's name) and checks every value. Help goes to `out`, errors and
/// their like to `err`.
CommandLine parse_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err);

Scheme scheme_of(const Options& options);

/// The rate of a client's steps, or of the teacher's in pre-training, where --lr leaves it open: 5e-5 for
/// pre-training, 1e-4 where all parameters are tuned, 1e-3 for adapters, which need more.
double rate_of(const Options& options, Command command);

/// Options that the run's scheme does not read, of those that were given: as a warning; empty if there are
/// none.
std::string unread_options(const CommandLine& line);

/// The options by key, the names of the command line without dashes.
nlohmann::ordered_json to_json(const Options& options);

/// Reads back to_json; `file` is named in errors. Every value is checked as on the command line.
/// Throws: FileError for a key that is missing, unknown or has a value out of its limits
Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file);

/// The options of a run that is continued: `stored`, with the threads of `line`.
/// Throws: std::invalid_argument naming the key if `line` sets another option to another value
Options resumed_options(const Options& stored, const CommandLine& line);

}  // namespace kd_lora
