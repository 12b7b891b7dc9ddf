#include "federated/store/metrics.hpp"

#include <cmath>
#include <limits>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

namespace {

RoundRecord record(std::int64_t round) {
    RoundRecord result;
    result.round = round;
    result.metrics = {{"test_loss", 5.0 - static_cast<double>(round)}, {"test_accuracy", 0.5}};
    result.evaluation_seconds = 0.25;
    if (round == 0) return result;
    result.server_rate = 0.5;
    result.bytes_down = 300;
    result.aggregation_seconds = 0.125;
    result.clients = {{.name = "a",
                       .bytes_up = 100,
                       .training_loss = 2.0,
                       .training_seconds = 1.0,
                       .projection_seconds = 0.5},
                      {.name = "b",
                       .bytes_up = 200,
                       .training_loss = 4.0,
                       .training_seconds = 2.0,
                       .projection_seconds = 0.25},
                      {.name = "c", .training_seconds = 4.0, .failure = "not finite"}};
    return result;
}

std::string line(const RoundRecord& round) {
    return to_json(round).dump() + "\n";
}

}  // namespace

TEST_CASE("what is written is read back") {
    const TemporaryFolder folder;
    const AnswerRecord answers{.round = 1,
                               .examples = 50,
                               .metrics = {{"rouge_l", 0.25}, {"exact_match", 0.5}},
                               .seconds = 3.0};
    const auto file = folder.write(
        "metrics.jsonl", line(record(0)) + line(record(1)) + to_json(answers).dump() + "\n");
    const Metrics metrics = read_metrics(file);
    REQUIRE(metrics.rounds.size() == 2);
    CHECK(metrics.rounds[0].metrics == record(0).metrics);
    CHECK(metrics.rounds[0].clients == 0);
    CHECK(metrics.rounds[0].evaluation_seconds == 0.25);
    const RoundSummary& round = metrics.rounds[1];
    CHECK(round.metrics == record(1).metrics);
    CHECK(round.clients == 3);
    CHECK(round.clients_left_out == 1);
    CHECK(round.bytes_up == 150.0);
    CHECK(round.bytes_down == 300.0);
    CHECK(round.training_seconds == 7.0);
    CHECK(round.projection_seconds == 0.75);
    CHECK(round.aggregation_seconds == 0.125);
    REQUIRE(metrics.answers.size() == 1);
    CHECK(metrics.answers[0].metrics == answers.metrics);
    CHECK(metrics.answers[0].examples == 50);
    CHECK(metrics.answers[0].seconds == 3.0);
}

TEST_CASE("a line names the clients and why one was left out") {
    const auto json = to_json(record(1));
    CHECK(json["training_loss"] == 3.0);
    CHECK(json["participants"][2]["left_out"] == "not finite");
    CHECK_FALSE(json["participants"][0].contains("left_out"));
}

TEST_CASE("a loss that is not finite is null, and read as NaN") {
    const TemporaryFolder folder;
    RoundRecord round = record(0);
    round.metrics[0].value = std::numeric_limits<double>::infinity();
    CHECK(line(round).find("\"test_loss\":null") != std::string::npos);
    const auto file = folder.write("metrics.jsonl", line(round));
    CHECK(std::isnan(metric_of(read_metrics(file).rounds[0].metrics, "test_loss")));
}

TEST_CASE("cutting keeps the rounds before, byte for byte, and drops a torn line") {
    const TemporaryFolder folder;
    const std::string kept = line(record(0)) + line(record(1));
    const std::string torn = line(record(3)).substr(0, 20);
    const auto file = folder.write("metrics.jsonl", kept + line(record(2)) + torn);
    cut_metrics(file, 1, true);
    CHECK(read_bytes(file) == kept);
    CHECK(error_field([&] { cut_metrics(file, 2, true); }) == "rounds");
    CHECK(read_bytes(file) == kept);
    cut_metrics(file, -1, false);
    CHECK(read_bytes(file).empty());
}

TEST_CASE("the line of the answers is as it was when Rouge-L was its only metric") {
    const AnswerRecord answers{
        .round = 2, .examples = 50, .metrics = {{"rouge_l", 0.25}}, .seconds = 3.0};
    CHECK(to_json(answers).dump() ==
          R"({"round":2,"rouge_l":0.25,"rouge_examples":50,"seconds":{"generation":3.0}})");
}

TEST_CASE("answers are kept only for a finished run") {
    const TemporaryFolder folder;
    const std::string rounds = line(record(0));
    const std::string answers =
        to_json(AnswerRecord{.examples = 1, .metrics = {{"score", 0.5}}}).dump() + "\n";
    const auto file = folder.write("metrics.jsonl", rounds + answers);
    cut_metrics(file, 0, true);
    CHECK(read_bytes(file) == rounds + answers);
    cut_metrics(file, 0, false);
    CHECK(read_bytes(file) == rounds);
}

TEST_CASE("errors name line and field") {
    const TemporaryFolder folder;
    const auto field = [&](const std::string& text) {
        const auto file = folder.write("metrics.jsonl", text);
        return error_field([&] { read_metrics(file); });
    };
    CHECK(field("[]\n") == "line 1");
    CHECK(field(line(record(0)) + "{}\n") == "line 2, round");
    CHECK(field(line(record(1))) == "line 1, round");
    CHECK(field("{\"round\":0,\"test_loss\":\"low\"}\n") == "line 1, test_loss");
    CHECK(field("{\"round\":0,\"test_loss\":1,\"clients\":0,\"clients_left_out\":0,"
                "\"bytes_up_per_client\":0,\"bytes_down_per_client\":0,\"seconds\":3}\n") ==
          "line 1, local_training");
}

TEST_CASE("bytes between processes are told where there are several, and are no metric") {
    RoundRecord round = record(1);
    CHECK_FALSE(to_json(round).contains("bytes_between_processes"));
    round.bytes_between_processes = 17;
    CHECK(to_json(round)["bytes_between_processes"] == 17);
    const TemporaryFolder folder;
    const auto file = folder.write("metrics.jsonl", line(record(0)) + line(round));
    CHECK(read_metrics(file).rounds[1].metrics == round.metrics);
}
