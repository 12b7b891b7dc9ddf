#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "federated/options/algorithm_options.hpp"

namespace fed_llm {

/// Everything that can be chosen for a run. The defaults suit the embedded model and tasks.
/// option_list.hpp holds the one list that gives each field its name, limits and help.
struct Options : federated::AlgorithmOptions {
    std::string preset = "default";
    std::string model;  ///< folder; empty: the embedded model
    std::string dataset = "natural-instructions";
    std::string data;  ///< folder or file; empty: the embedded tasks
    std::int64_t max_length = 300;
    std::int64_t clients = 0;  ///< 0: the data set's own number
    std::string split = "auto";
    double split_alpha = 0.5;

    std::int64_t rounds = 10;
    double participation = 0.5;
    std::int64_t clients_per_round = 0;  ///< 0: by participation
    std::string server_schedule = "linear";

    std::int64_t test_examples = 0;  ///< 0: all
    std::int64_t rouge_examples = 50;
    std::int64_t max_new_tokens = 128;

    std::string out;
    std::string cache;  ///< empty: inside `out`
    std::int64_t threads = 0;
    std::int64_t shards = 1;
    std::string device = "cpu";
};

/// A parsed command line.
struct CommandLine {
    Options options;
    std::vector<std::string> given;                   ///< the keys it or its config file sets
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

/// Options that the run's algorithm does not read, of those that were given: as a warning; empty if
/// there are none.
std::string unread_options(const CommandLine& line);

/// The options by key, the names of the command line without dashes.
nlohmann::ordered_json to_json(const Options& options);

/// Reads back to_json; `file` is named in errors. Every value is checked as on the command line.
/// Throws: FileError for a key that is missing, unknown or has a value out of its limits.
Options options_from_json(const nlohmann::ordered_json& json, const std::filesystem::path& file);

/// The options of a run that is continued: `stored`, with those of `line` that may change between
/// two halves of a run: threads and shards.
/// Throws: std::invalid_argument naming the key if `line` sets another option to another value.
Options resumed_options(const Options& stored, const CommandLine& line);

}  // namespace fed_llm
