#include "kd_lora/report/flower_history.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "federated/round/metric.hpp"
#include "files/file.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;

/// A list that grows by a round, as Flower keeps it.
void append(Json& list, std::int64_t round, double value) {
    list.push_back(Json::array({round, std::isfinite(value) ? Json(value) : Json(nullptr)}));
}

void append(Json& lists, std::int64_t round, const Scores& scores, std::string_view prefix,
            std::initializer_list<const char*> names) {
    const std::vector<federated::Metric> metrics = metrics_of(scores, "");
    for (const char* name : names) {
        append(lists[std::string(prefix) + name], round, federated::metric_of(metrics, name));
    }
}

}  // namespace

Json flower_history(const Json& config, std::span<const HistoryRound> rounds,
                    double elapsed_seconds) {
    Json results = {{"losses_distributed", Json::array()},
                    {"losses_centralized", Json::array()},
                    {"metrics_distributed_fit", Json::object()},
                    {"metrics_distributed", Json::object()},
                    {"metrics_centralized", Json::object()}};
    for (const HistoryRound& record : rounds) {
        const std::int64_t round = record.round;
        if (round > 0) {
            append(results["losses_distributed"], round, record.student.loss);
            append(results["metrics_distributed"], round, record.student, "",
                   {"accuracy", "matthews"});
        }
        if (record.teacher) {
            append(results["losses_centralized"], round,
                   (record.teacher->loss + record.student.loss) / 2.0);
            Json& centralized = results["metrics_centralized"];
            append(centralized, round, *record.teacher, "teacher_",
                   {"loss", "accuracy", "matthews"});
            append(centralized, round, record.student, "student_",
                   {"loss", "accuracy", "matthews"});
        }
    }
    return {{"config", config},
            {"results", std::move(results)},
            {"elapsed_time_secs", elapsed_seconds}};
}

std::string flower_file_name(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, sizeof "YYYYYY-MM-DD_HH-MM-SS.json"> name{};
    const std::size_t size =
        std::strftime(name.data(), name.size(), "%Y-%m-%d_%H-%M-%S.json", &local);
    return {name.data(), size};
}

void write_flower_history(const Json& history, const std::filesystem::path& folder,
                          const std::string& name) {
    files::create_folder(folder);
    files::write_file(folder / name,
                      history.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace kd_lora
