#include "fed_llm/options/options.hpp"

#include <iostream>
#include <sstream>
#include <stdexcept>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;
using namespace fed_llm;

namespace {

struct Parsed {
    CommandLine line;
    std::string output;
};

Parsed parse(const std::vector<std::string>& arguments) {
    std::ostringstream output;
    Parsed parsed;
    parsed.line = parse_command_line(arguments, output, output);
    parsed.output = output.str();
    return parsed;
}

}  // namespace

TEST_CASE("options are read, and those given are remembered") {
    const auto line =
        parse({"--algorithm", "fedavg", "--lr=0.25", "--clients-per-round", "3"}).line;
    CHECK_FALSE(line.exit_code);
    CHECK(line.options.algorithm == "fedavg");
    CHECK(line.options.lr == 0.25);
    CHECK(line.options.clients_per_round == 3);
    CHECK(line.options.rounds == Options().rounds);
    CHECK(line.given == std::vector<std::string>{"algorithm", "clients-per-round", "lr"});
}

TEST_CASE("values out of their limits are refused with the option's name") {
    const auto refuses = [](const std::string& key, const std::string& value) {
        const Parsed parsed = parse({"--" + key, value});
        CAPTURE(key);
        CAPTURE(value);
        REQUIRE(parsed.line.exit_code);
        CHECK(*parsed.line.exit_code != 0);
        CHECK(parsed.output.find("--" + key) != std::string::npos);
        CHECK(parsed.output.find("expected") != std::string::npos);
    };
    refuses("lr", "0");
    for (const std::string value : {"-1", "nan", "inf", "1e999", "fast"}) {
        refuses("lr", value);
        refuses("server-lr", value);
    }
    for (const std::string value : {"0", "1.01", "nan", "-0.5"}) refuses("participation", value);
    for (const std::string value : {"-1", "1.5", "many"}) refuses("rounds", value);
    for (const std::string key : {"local-steps", "accumulate", "batch-size", "blocks"}) {
        refuses(key, "0");
    }
    refuses("budget", "4294967296");
    refuses("budget", "-1");
    for (const std::string value : {"0", "-1", "4 K", "1/0", "much"}) {
        refuses("bytes", value);
        refuses("bytes-down", value);
    }
    refuses("pool-size", "1");
    refuses("pool-size", "4294967296");
    for (const std::string key : {"directions", "lora-rank", "lora-alpha", "clip-norm"}) {
        refuses(key, "0");
    }
    for (const std::string value : {"0", "nan", "1e999"}) refuses("perturbation", value);
    for (const std::string value : {"-0.1", "1", "nan"}) refuses("pool-momentum", value);
    refuses("max-length", "7");
    refuses("clients", "-1");
    for (const std::string value : {"0", "-1", "nan", "1000001"}) refuses("split-alpha", value);
    refuses("seed", "-3");
    for (const std::string key :
         {"algorithm", "dataset", "split", "optimizer", "server-schedule", "basis", "budget-rule",
          "layout", "seeds", "seed-refresh", "coordinates", "coordinates-down", "broadcast",
          "preset", "device", "model", "data"}) {
        refuses(key, "no-such-thing");
    }
}

TEST_CASE("a number of blocks goes with the uniform layout only") {
    CHECK_FALSE(parse({"--layout", "uniform", "--blocks", "4"}).line.exit_code);
    CHECK_FALSE(parse({"--blocks", "4"}).line.exit_code);
    const Parsed grouped = parse({"--layout", "grouped", "--blocks", "4"});
    REQUIRE(grouped.line.exit_code);
    CHECK(grouped.output.find("expected --layout uniform with 4 blocks, got grouped") !=
          std::string::npos);
}

TEST_CASE("bytes or a number of coordinates, not both") {
    CHECK_FALSE(parse({"--bytes", "4K"}).line.exit_code);
    CHECK(parse({"--bytes", "4K", "--budget", "100"}).line.exit_code);
}

TEST_CASE("a preset is what options have that are not given") {
    const Options standard = parse({}).line.options;
    CHECK(standard.coordinates == "auto");
    CHECK(standard.budget == 0);
    const Options paper = parse({"--coordinates", "4bit", "--preset", "paper"}).line.options;
    CHECK(paper.basis == "truncated-normal");
    CHECK(paper.layout == "grouped");
    CHECK(paper.budget == 4096);
    CHECK(paper.budget_rule == "norm-share");
    CHECK(paper.coordinates == "4bit");
    CHECK(paper.coordinates_down == "float32");
    CHECK(paper.broadcast == "sketches");
    CHECK(parse({"--preset", "paper", "--bytes", "4K"}).line.options.budget == 0);
    // Stored with all values, it is read back as it was.
    const Options read = options_from_json(to_json(paper), "config.json");
    CHECK(to_json(read) == to_json(paper));
}

TEST_CASE("a model without data, or data without a model, is refused") {
    const TemporaryFolder folder;
    CHECK(parse({"--model", folder.path().string()}).line.exit_code);
    CHECK(parse({"--data", folder.path().string()}).line.exit_code);
    CHECK_FALSE(parse({"--data", folder.path().string(), "--model", folder.path().string()})
                    .line.exit_code);
}

TEST_CASE("data may be a file, a model may not; other data sets need data") {
    const TemporaryFolder folder;
    const std::string file = folder.write("rows.jsonl", "").string();
    const std::string model = folder.path().string();
    CHECK_FALSE(parse({"--model", model, "--data", file, "--dataset", "jsonl"}).line.exit_code);
    CHECK(parse({"--model", file, "--data", file, "--dataset", "jsonl"}).line.exit_code);
    const Parsed without = parse({"--dataset", "dolly"});
    CHECK(without.line.exit_code);
    CHECK(without.output.find("--dataset") != std::string::npos);
}

TEST_CASE(
    "options that are no UTF-8 are refused by name, paths that lead through such folders too") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "caf\xE9").string();
    std::filesystem::create_directories(path);
    const auto expect_refused = [&](const std::string& key,
                                    const std::vector<std::string>& arguments) {
        const Parsed parsed = parse(arguments);
        CAPTURE(parsed.output);
        CHECK(parsed.line.exit_code);
        CHECK(parsed.output.find("--" + key + ": expected UTF-8, got ") != std::string::npos);
    };
    const std::string good = folder.path().string();
    expect_refused("out", {"--out", "caf\xE9"});
    expect_refused("cache", {"--cache", path});
    expect_refused("model", {"--model", path, "--data", good});
    expect_refused("data", {"--model", good, "--data", path});
    CHECK_FALSE(parse({"--out", "caf\xC3\xA9"}).line.exit_code);
}

TEST_CASE("a slash at the end of a path is no part of it") {
    const TemporaryFolder folder;
    CHECK(parse({"--cache", folder.path().string() + "/"}).line.options.cache ==
          folder.path().string());
}

TEST_CASE("help tells every option") {
    const Parsed parsed = parse({"--help"});
    REQUIRE(parsed.line.exit_code);
    CHECK(*parsed.line.exit_code == 0);
    const auto defaults = to_json(Options());
    for (const auto& [key, value] : defaults.items()) {
        CHECK(parsed.output.find("--" + key + " ") != std::string::npos);
    }
}

TEST_CASE("a config file sets options, the command line overrides it") {
    const TemporaryFolder folder;
    const auto file = folder.write("run.toml", "rounds = 3\nlr = 0.5\nbasis = \"gaussian\"\n");
    const auto line = parse({"--config", file.string(), "--lr", "0.125"}).line;
    CHECK_FALSE(line.exit_code);
    CHECK(line.options.rounds == 3);
    CHECK(line.options.lr == 0.125);
    CHECK(line.options.basis == "gaussian");
    CHECK(line.given == std::vector<std::string>{"rounds", "lr", "basis"});
    folder.write("run.toml", "\xEF\xBB\xBFrounds = 4\r\nlr = 0.5\r\n");
    const auto marked = parse({"--config", file.string()}).line;
    CHECK(marked.options.rounds == 4);
    CHECK(marked.given == std::vector<std::string>{"rounds", "lr"});
    folder.write("run.toml", std::string_view("\xFF\xFEr\0", 4));
    const Parsed utf16 = parse({"--config", file.string()});
    CHECK(utf16.line.exit_code);
    CHECK(utf16.output.find("--config: file: expected text in UTF-8") != std::string::npos);
    folder.write("run.toml", "round = 3\n");
    CHECK(parse({"--config", file.string()}).line.exit_code);
    folder.write("run.toml", "lr = -3\n");
    CHECK(parse({"--config", file.string()}).line.exit_code);
}

TEST_CASE("options survive JSON") {
    Options options;
    options.lr = 0.1 + 0.2;  // 17 digits
    options.seed = (std::uint64_t{1} << 63) - 1;
    options.basis = "sparse-sign";
    options.out = "some folder/run";
    const auto json = to_json(options);
    CHECK(to_json(options_from_json(json, "config.json")) == json);
}

TEST_CASE("stored options are checked as on the command line") {
    const auto field = [](const std::string& key, const nlohmann::ordered_json& value) {
        auto json = to_json(Options());
        json[key] = value;
        return error_field([&] { options_from_json(json, "config.json"); });
    };
    CHECK(field("lr", -1.0) == "options");
    CHECK(field("lr", nlohmann::ordered_json::array()) == "options.lr");
    CHECK(field("basis", "fourier") == "options");
    CHECK(field("learning", 1) == "options.learning");
    auto json = to_json(Options());
    json.erase("seed");
    CHECK(error_field([&] { options_from_json(json, "config.json"); }) == "options.seed");
    CHECK(error_field([&] { options_from_json("text", "config.json"); }) == "options");
}

TEST_CASE("a continued run keeps its options") {
    const TemporaryFolder folder;
    const std::string run = folder.path().string();
    Options stored;
    stored.lr = 0.5;
    stored.out = "elsewhere";
    const Options resumed =
        resumed_options(stored, parse({"--resume", run, "--threads", "3", "--lr", "0.5"}).line);
    CHECK(resumed.lr == 0.5);
    CHECK(resumed.threads == 3);
    CHECK(resumed.out == run);
    CHECK_THROWS_WITH_AS(resumed_options(stored, parse({"--resume", run, "--lr", "0.25"}).line),
                         "resume: option 'lr': the run has 0.5, the command line says 0.25",
                         std::invalid_argument);
    CHECK(resumed_options(stored, parse({"--resume", run, "--out", run}).line).out == run);
    CHECK_THROWS_AS(resumed_options(stored, parse({"--resume", run, "--out", "copy"}).line),
                    std::invalid_argument);
}

TEST_CASE("a dry run is asked for on the command line, and not of a run that is there") {
    const TemporaryFolder folder;
    CHECK_FALSE(parse({}).line.dry_run);
    CHECK(parse({"--dry-run"}).line.dry_run);
    CHECK(parse({"--dry-run", "--resume", folder.path().string()}).line.exit_code);
}

TEST_CASE("the public code's Ferret has no GPU") {
    CHECK_FALSE(parse({"--device", "cuda", "--algorithm", "fedkseed"}).line.exit_code);
    const Parsed parsed = parse({"--device", "cuda", "--algorithm", "ferret-public"});
    CHECK(parsed.line.exit_code);
    CHECK(parsed.output.find("--device") != std::string::npos);
}

TEST_CASE("compare takes run folders") {
    const TemporaryFolder folder;
    const std::string run = folder.path().string();
    CHECK(parse({"compare", run, run}).line.compare_runs.size() == 2);
    CHECK_FALSE(parse({"compare", run}).line.plot);
    CHECK(parse({"compare", run, "--plot", "runs.svg"}).line.plot == "runs.svg");
    CHECK(parse({"compare"}).line.exit_code);
    CHECK(parse({"compare", run + "/missing"}).line.exit_code);
}

TEST_CASE("options that the algorithm does not read are named") {
    CHECK(unread_options(parse({"--algorithm", "ferret", "--basis", "gaussian"}).line).empty());
    CHECK(unread_options(parse({"--algorithm", "fedavg", "--lr=0.25"}).line).empty());
    CHECK(unread_options(
              parse({"--algorithm", "fedavg", "--basis", "gaussian", "--pool-size", "10"}).line) ==
          "fedavg does not read --basis, --pool-size");
}

TEST_CASE("the help says who reads an option, and what the algorithms send") {
    const std::string help = parse({"--help"}).output;
    CHECK(help.find("(ferret, top-k)") != std::string::npos);
    CHECK(help.find("fedavg: the whole update") != std::string::npos);
}

TEST_CASE("an algorithm that cannot spread an update over processes has no shards") {
    CHECK_FALSE(parse({"--algorithm", "ferret", "--shards", "2"}).line.exit_code);
    const auto refused = parse({"--algorithm", "fedavg", "--shards", "2"});
    CHECK(refused.line.exit_code);
    CHECK(refused.output.find("expected 1 with fedavg, got 2") != std::string::npos);
}
