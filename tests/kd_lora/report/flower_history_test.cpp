#include "kd_lora/report/flower_history.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include "files/file.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

const std::vector<std::string> fields_of_history{"losses_distributed", "losses_centralized",
                                                 "metrics_distributed_fit", "metrics_distributed",
                                                 "metrics_centralized"};

}  // namespace

TEST_CASE("without a teacher all is distributed, from round 1 on") {
    const std::vector<HistoryRound> rounds{
        {0, {0.5, 0.0, 0.75}, {}}, {1, {0.625, 0.25, 0.5}, {}}, {2, {0.75, 0.5, 0.25}, {}}};
    const Json history = flower_history({{"num_clients", 4}}, rounds, 12.5);
    CHECK(keys_of(history) == std::vector<std::string>{"config", "results", "elapsed_time_secs"});
    CHECK(keys_of(history["results"]) == fields_of_history);
    CHECK(
        history.dump() ==
        R"({"config":{"num_clients":4},"results":{)"
        R"("losses_distributed":[[1,0.5],[2,0.25]],"losses_centralized":[],)"
        R"("metrics_distributed_fit":{},)"
        R"("metrics_distributed":{"accuracy":[[1,0.625],[2,0.75]],"matthews":[[1,0.25],[2,0.5]]},)"
        R"("metrics_centralized":{}},"elapsed_time_secs":12.5})");
}

TEST_CASE("with a teacher the server's evaluation begins with round 0") {
    const std::vector<HistoryRound> rounds{{0, {0.5, 0.0, 0.75}, Scores{0.875, 0.5, 0.25}},
                                           {1, {0.625, 0.25, 0.5}, Scores{0.75, 0.25, 1.0}}};
    const Json results = flower_history(Json::object(), rounds, 1.0)["results"];
    CHECK(keys_of(results) == fields_of_history);
    CHECK(results["losses_centralized"].dump() == "[[0,0.5],[1,0.75]]");
    CHECK(results["losses_distributed"].dump() == "[[1,0.5]]");
    CHECK(results["metrics_distributed"]["accuracy"].dump() == "[[1,0.625]]");
    const Json& centralized = results["metrics_centralized"];
    CHECK(keys_of(centralized) == std::vector<std::string>{"teacher_loss", "teacher_accuracy",
                                                           "teacher_matthews", "student_loss",
                                                           "student_accuracy", "student_matthews"});
    CHECK(centralized["teacher_loss"].dump() == "[[0,0.25],[1,1.0]]");
    CHECK(centralized["teacher_accuracy"].dump() == "[[0,0.875],[1,0.75]]");
    CHECK(centralized["teacher_matthews"].dump() == "[[0,0.5],[1,0.25]]");
    CHECK(centralized["student_loss"].dump() == "[[0,0.75],[1,0.5]]");
    CHECK(centralized["student_accuracy"].dump() == "[[0,0.5],[1,0.625]]");
    CHECK(centralized["student_matthews"].dump() == "[[0,0.0],[1,0.25]]");
}

TEST_CASE("no rounds make an empty history, and what is not finite is null") {
    CHECK(keys_of(flower_history({}, {}, 0.0)["results"]) == fields_of_history);
    const std::vector<HistoryRound> rounds{
        {1, {0.5, 0.0, std::numeric_limits<double>::quiet_NaN()}, {}},
        {2, {0.5, 0.0, std::numeric_limits<double>::infinity()}, {}}};
    CHECK(flower_history({}, rounds, 0.0)["results"]["losses_distributed"].dump() ==
          "[[1,null],[2,null]]");
}

TEST_CASE("a file is named by local time") {
    std::tm local{};
    local.tm_year = 124;
    local.tm_mon = 1;
    local.tm_mday = 14;
    local.tm_hour = 9;
    local.tm_min = 5;
    local.tm_sec = 59;
    local.tm_isdst = -1;
    const auto time = std::chrono::system_clock::from_time_t(std::mktime(&local));
    CHECK(flower_file_name(time) == "2024-02-14_09-05-59.json");
}

TEST_CASE("the folder is made, and the file is read back as it was") {
    const TemporaryFolder folder;
    const std::vector<HistoryRound> rounds{{1, {1.0 / 3.0, 0.1, 0.7}, {}}};
    const Json history = flower_history({{"data_path", "na\xEFve"}}, rounds, 1e-3);
    const auto results = folder.path() / "new" / "results";
    write_flower_history(history, results, "run.json");
    const std::string text = read_bytes(results / "run.json");
    CHECK(text.starts_with("{\n  \"config\": {\n    \"data_path\": \"na\xEF\xBF\xBDve\"\n  },\n"));
    CHECK(text.ends_with("}\n"));
    const Json back = files::read_json(results / "run.json", 1 << 20);
    CHECK(back["results"] == history["results"]);
    CHECK(back["elapsed_time_secs"] == 1e-3);
    const auto file = folder.write("file", "");
    CHECK(error_field([&] { write_flower_history(history, file, "run.json"); }) == "folder");
}
