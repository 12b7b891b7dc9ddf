#include "federated/store/run_folder.hpp"

#include <sstream>
#include <stdexcept>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

TEST_CASE("a run is begun once") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path() / "deep" / "run");
    expect_no_run(run);
    begin_run(run, {{"lr", 0.375}}, {{"clients", 12}});
    CHECK(stored_options(run) == nlohmann::ordered_json{{"lr", 0.375}});
    CHECK(read_bytes(run.metrics()).empty());
    CHECK_THROWS_AS(expect_no_run(run), std::invalid_argument);
}

TEST_CASE("a folder with any file of a run is not taken for a new one") {
    for (const std::string name : {"config.json", "metrics.jsonl", "checkpoint", "split.csv",
                                   "model/config.json", "tensorboard/events"}) {
        const TemporaryFolder folder;
        folder.write("notes.txt", "");
        expect_no_run(RunFolder(folder.path()));
        folder.write(name, "");
        CHECK_THROWS_AS(expect_no_run(RunFolder(folder.path())), std::invalid_argument);
    }
}

TEST_CASE("other facts are refused by key") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path());
    begin_run(run, nlohmann::ordered_json::object(), {{"clients", 12}, {"examples", "0a"}});
    expect_facts(run, {{"clients", 12}, {"examples", "0a"}});
    CHECK(error_field([&] {
              expect_facts(run, {{"clients", 12}, {"examples", "0b"}});
          }) == "facts.examples");
    CHECK(error_field([&] { expect_facts(run, {{"parameters", 1}}); }) == "facts.parameters");
}

TEST_CASE("a config.json that is none is refused") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path());
    CHECK(error_field([&] { stored_options(run); }) == "file");
    folder.write("config.json", "[]");
    CHECK(error_field([&] { stored_options(run); }) == "options");
    folder.write("config.json", "{\"options\": 3, \"facts\": 3}");
    CHECK(error_field([&] { stored_options(run); }) == "options");
    CHECK(error_field([&] { expect_facts(run, {{"clients", 1}}); }) == "facts.clients");
}

TEST_CASE("options that are no object are refused") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path());
    begin_run(run, {1, 2}, nlohmann::ordered_json::object());
    CHECK(error_field([&] { stored_options(run); }) == "options");
}

TEST_CASE("who interrupts a run is told how it goes on, if there is something to go on with") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path() / "run");
    std::ostringstream before;
    tell_how_to_continue(before, run, "program --resume");
    CHECK(before.str() ==
          "interrupted before the first round; start again with the same command\n");
    begin_run(run, nlohmann::ordered_json::object(), nlohmann::ordered_json::object());
    std::ostringstream after;
    tell_how_to_continue(after, run, "program --resume");
    CHECK(after.str() ==
          "interrupted; to continue: program --resume " + run.path().string() + "\n");
}
