#include "federated/report/compare.hpp"

#include <cmath>
#include <sstream>
#include <stdexcept>

#include "federated/store/run_folder.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

namespace {

ComparedRun run(const std::string& name, double bytes) {
    ComparedRun result;
    result.name = name;
    result.algorithm = name;
    result.metrics.rounds = {{.round = 0, .metrics = {{"test_loss", 4.0}, {"test_accuracy", 0.5}}},
                             {.round = 1,
                              .metrics = {{"test_loss", 3.0}, {"test_accuracy", 0.625}},
                              .clients = 2,
                              .bytes_up = bytes,
                              .bytes_down = bytes,
                              .training_seconds = 4.0,
                              .projection_seconds = 1.0,
                              .aggregation_seconds = 0.5},
                             {.round = 2,
                              .metrics = {{"test_loss", 2.0}, {"test_accuracy", 0.75}},
                              .clients = 2,
                              .clients_left_out = 1,
                              .bytes_up = bytes,
                              .bytes_down = 3.0 * bytes,
                              .training_seconds = 8.0,
                              .projection_seconds = 1.0,
                              .aggregation_seconds = 1.5}};
    return result;
}

}  // namespace

TEST_CASE("the table has a column a run") {
    std::ostringstream stream;
    ComparedRun second = run("fedavg", 1'000'000.0);
    second.metrics.answers.push_back({.metrics = {{"rouge_l", 0.125}}});
    print_comparison(stream, {run("ferret", 1'000.0), second});
    const std::string table = stream.str();
    const auto has = [&](const std::string& line) {
        CAPTURE(table);
        CAPTURE(line);
        CHECK(table.find(line) != std::string::npos);
    };
    has("|                                        | ferret |    fedavg |\n");
    has("|----------------------------------------|-------:|----------:|\n");
    has("| rounds                                 |      2 |         2 |\n");
    has("| test loss before                       | 4.0000 |    4.0000 |\n");
    has("| test loss after                        | 2.0000 |    2.0000 |\n");
    has("| test accuracy before                   | 0.5000 |    0.5000 |\n");
    has("| test accuracy after                    | 0.7500 |    0.7500 |\n");
    has("| rouge l after                          |      - |    0.1250 |\n");
    has("| bytes up, per client and round         |  1 000 | 1 000 000 |\n");
    has("| bytes down, per client and round       |  2 000 | 2 000 000 |\n");
    has("| times fewer bytes                      | 1000.0 |       1.0 |\n");
    has("| local training, s per client and round |  3.000 |     3.000 |\n");
    has("| projection, s per client and round     |  0.500 |     0.500 |\n");
    has("| aggregation, s per round               |  1.000 |     1.000 |\n");
    has("| clients left out                       |      1 |         1 |\n");
}

TEST_CASE("the table tells what any run has measured") {
    ComparedRun second = run("fedkd-lora", 1'000.0);
    second.metrics.rounds.front().metrics.push_back({"teacher_loss", 0.25});
    second.metrics.rounds.back().metrics.push_back({"teacher_loss", std::nan("")});
    std::ostringstream stream;
    print_comparison(stream, {run("fedlora", 1'000.0), second});
    CHECK(
        stream.str().find("| teacher loss before                    |       - |     0.2500 |\n") !=
        std::string::npos);
    CHECK(
        stream.str().find("| teacher loss after                     |       - |        nan |\n") !=
        std::string::npos);
}

TEST_CASE("the table tells the answers' metrics where a run has them") {
    ComparedRun first = run("ferret", 1'000.0);
    ComparedRun second = run("fedavg", 1'000'000.0);
    const auto table = [&] {
        std::ostringstream stream;
        print_comparison(stream, {first, second});
        return stream.str();
    };
    CHECK(table().find("exact match") == std::string::npos);
    second.metrics.answers.push_back({.metrics = {{"exact_match", 0.25}}});
    CHECK(table().find("| exact match after                      |      - |    0.2500 |\n") !=
          std::string::npos);
    first.metrics.answers.push_back({.metrics = {{"f1", 0.5}, {"exact_match", 0.125}}});
    CHECK(table().find("| exact match after                      | 0.1250 |    0.2500 |\n") !=
          std::string::npos);
    CHECK(table().find("| f1 after                               | 0.5000 |         - |\n") !=
          std::string::npos);
}

TEST_CASE("a run is read from its folder, and needs a measured round") {
    const TemporaryFolder folder;
    begin_run(RunFolder(folder.path() / "first"), {{"algorithm", "fedavg"}},
              nlohmann::ordered_json::object());
    const ComparedRun read = read_run((folder.path() / "first").string() + "/");
    CHECK(read.name == "first");
    CHECK(read.algorithm == "fedavg");
    std::ostringstream stream;
    CHECK_THROWS_AS(print_comparison(stream, {read}), std::invalid_argument);
}

TEST_CASE("a run whose options name no algorithm is refused") {
    const TemporaryFolder folder;
    const auto object = nlohmann::ordered_json::object();
    begin_run(RunFolder(folder.path() / "none"), object, object);
    begin_run(RunFolder(folder.path() / "number"), {{"algorithm", 3}}, object);
    for (const char* name : {"none", "number"}) {
        CHECK(error_field([&] { read_run(folder.path() / name); }) == "options.algorithm");
    }
}
