#include "kd_lora/options/options.hpp"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "files/file_error.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

struct Parsed {
    CommandLine line;
    std::string out;
    std::string err;
};

Parsed parse(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    CommandLine line = parse_command_line(arguments, out, err);
    return {std::move(line), out.str(), err.str()};
}

}  // namespace

TEST_CASE("defaults are the public code's where they make sense, and its own by the preset") {
    const Options usual = parse({"run"}).line.options;
    CHECK(usual.clients == 4);
    CHECK(usual.rounds == 10);
    CHECK(usual.batch_size == 32);
    CHECK(usual.lora_rank == 8);
    CHECK(usual.lora_alpha == 16.0);
    CHECK(usual.kl == "reverse");
    CHECK(rate_of(usual, Command::run) == 1e-3);
    CHECK(rate_of(parse({"run", "--scheme", "fedavg"}).line.options, Command::run) == 1e-4);
    CHECK(rate_of(usual, Command::pretrain) == 5e-5);

    const Options paper = parse({"run", "--preset", "paper", "--kl", "forward"}).line.options;
    CHECK(paper.kl == "forward");
    CHECK(paper.attention_loss == "padded");
    CHECK(paper.attention_maps == "after-dropout");
    CHECK(paper.detach == "no");
    CHECK(paper.client_weight == "batches");
    CHECK(rate_of(paper, Command::run) == 5e-5);
    CHECK(paper.student_distill_lr == 5e-5);
}

TEST_CASE("commands take their options, and name what does not go together") {
    const TemporaryFolder folder;
    const std::string here = folder.path().string();
    const std::vector<std::vector<std::string>> refused = {
        {},
        {"run", "--scheme", "other"},
        {"run", "--model", here},
        {"run", "--model", here, "--data", here},  // without a teacher
        {"run", "--model", here + "/none", "--data", here, "--scheme", "fedavg"},
        {"run", "--public-percent", "0"},
        {"run", "--epochs", "3"},
        {"run", "--bytes", "4K", "--budget", "10"},
        {"run", "--scheme", "ferret", "--evaluate-clients", "yes"},
        {"pretrain", "--data", here, "--out", here},
        {"pretrain", "--teacher", here, "--data", here},
        {"pretrain", "--teacher", here, "--data", here, "--out", here, "--scheme", "fedavg"},
        {"compare"}};
    for (const auto& arguments : refused) {
        CAPTURE(arguments.size());
        const Parsed parsed = parse(arguments);
        CHECK(parsed.line.exit_code.value_or(0) != 0);
        CHECK(!parsed.err.empty());
    }
    const Parsed pretrain = parse(
        {"pretrain", "--teacher", here, "--data", here, "--out", here + "/new", "--epochs", "2"});
    CHECK(!pretrain.line.exit_code);
    CHECK(pretrain.line.command == Command::pretrain);
    CHECK(pretrain.line.options.epochs == 2);
    CHECK(parse({"run", "--help"}).line.exit_code == 0);
}

TEST_CASE("a config file sets a command's options, the command line overrides it") {
    const TemporaryFolder folder;
    const std::string file =
        folder.write("run.toml", "rounds = 3\nscheme = \"fedlora\"\nlr = 0.5\n").string();
    const auto line = parse({"run", "--config", file, "--lr", "0.125"}).line;
    CHECK_FALSE(line.exit_code);
    CHECK(line.options.rounds == 3);
    CHECK(line.options.scheme == "fedlora");
    CHECK(line.options.lr == 0.125);
    CHECK(line.given == std::vector<std::string>{"scheme", "rounds", "lr"});
    CHECK(parse({"--config", file, "run"}).line.options.rounds == 3);
    // Rounds are none of pretrain's.
    CHECK(parse({"pretrain", "--config", file}).line.exit_code.value_or(0) != 0);
    folder.write("run.toml", "round = 3\n");
    CHECK(parse({"run", "--config", file}).line.exit_code.value_or(0) != 0);
    CHECK(parse({"run", "--config", file + ".none"}).line.exit_code.value_or(0) != 0);
}

TEST_CASE("options that a scheme does not read are named") {
    const auto unread = [](const std::vector<std::string>& arguments) {
        return unread_options(parse(arguments).line);
    };
    CHECK(unread({"run", "--kl", "raw"}).empty());
    CHECK(unread({"run", "--scheme", "ferret", "--bytes", "4K", "--lr", "0.1"}).empty());
    CHECK(unread({"run", "--scheme", "fedavg", "--kl", "raw", "--lora-rank", "4"}) ==
          "fedavg does not read --lora-rank, --kl");
    CHECK(unread({"run", "--scheme", "fedlora", "--bytes", "4K"}) ==
          "fedlora does not read --bytes");
    CHECK(unread({"run", "--scheme", "ferret-lora", "--client-weight", "batches"}) ==
          "ferret-lora does not read --client-weight");
}

TEST_CASE("options come back from JSON, and a continued run keeps them but for the threads") {
    Options options =
        parse({"run", "--rounds", "3", "--lr", "0.25", "--split", "iid"}).line.options;
    const Options read = options_from_json(to_json(options), "config.json");
    CHECK(to_json(read) == to_json(options));
    auto json = to_json(options);
    json["rounds"] = -1;
    CHECK_THROWS_AS(options_from_json(json, "config.json"), files::FileError);
    json.erase("rounds");
    CHECK_THROWS_AS(options_from_json(json, "config.json"), files::FileError);
    json = to_json(options);
    json["other"] = 1;
    CHECK_THROWS_AS(options_from_json(json, "config.json"), files::FileError);

    const TemporaryFolder folder;
    const std::string here = folder.path().string();
    const auto resumed = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"run", "--resume", here};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return resumed_options(options, parse(arguments).line);
    };
    CHECK(resumed({"--threads", "2"}).threads == 2);
    CHECK(resumed({"--rounds", "3"}).rounds == 3);
    CHECK_THROWS_AS(resumed({"--rounds", "4"}), std::invalid_argument);
}
