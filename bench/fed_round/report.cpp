#include "report.hpp"

#include <torch/version.h>

#include <algorithm>
#include <iomanip>
#include <optional>
#include <sstream>

#include "device.hpp"
#include "paper_tables.hpp"

namespace fed_round {
namespace {

using Json = nlohmann::ordered_json;

constexpr double gibibyte = 1 << 30;

std::string number(std::optional<double> value) {
    if (!value) return "–";
    std::ostringstream text;
    text << std::setprecision(3) << *value;
    return text.str();
}

std::string label(const Measurement& measurement) {
    if (measurement.basis.empty()) return measurement.algorithm;
    return measurement.algorithm + ", " + measurement.basis;
}

std::uint64_t moved(const RoundOutcome& round) {
    return round.parameters_up + round.parameters_down;
}

std::optional<double> gibibytes(const std::optional<std::int64_t>& bytes) {
    if (!bytes) return std::nullopt;
    return static_cast<double>(*bytes) / gibibyte;
}

void print_row(std::ostream& out, const Options& options, const Measurement& measurement) {
    out << "| " << label(measurement) << " | ";
    if (measurement.rounds.empty()) {
        out << "failed ||||||||||||\n";
        return;
    }
    const RoundOutcome& round = measurement.median();
    const std::optional<PaperRound> paper = paper_round(options.shape, measurement.algorithm);
    const auto of_paper = [&](auto member) {
        return number(paper ? std::optional<double>((*paper).*member) : std::nullopt);
    };
    const auto maybe_of_paper = [&](auto member) {
        return number(paper ? (*paper).*member : std::nullopt);
    };
    out << number(round.times.training) << " | " << number(round.times.projection) << " | "
        << number(round.times.local()) << " | " << maybe_of_paper(&PaperRound::local_seconds)
        << " | " << number(round.times.aggregation) << " | "
        << maybe_of_paper(&PaperRound::aggregation_seconds) << " | " << number(round.times.total())
        << " | " << of_paper(&PaperRound::total_seconds) << " | "
        << number(static_cast<double>(moved(round))) << " | "
        << maybe_of_paper(&PaperRound::parameters_moved) << " | "
        << number(gibibytes(measurement.peak_memory)) << " | "
        << maybe_of_paper(&PaperRound::peak_memory) << " |\n";
}

/// What the algorithms cost beside FedAvg, if it was measured.
void print_ratios(std::ostream& out, std::span<const Measurement> measurements) {
    const auto fed_avg = std::find_if(
        measurements.begin(), measurements.end(),
        [](const Measurement& one) { return one.algorithm == "fedavg" && !one.rounds.empty(); });
    if (fed_avg == measurements.end()) return;
    const double whole = fed_avg->median().times.total();
    for (const Measurement& one : measurements) {
        if (one.algorithm != "ferret" || one.rounds.empty()) continue;
        const Times& times = one.median().times;
        out << label(one) << ": projection and aggregation over FedAvg's whole round "
            << number((times.projection + times.aggregation) / whole);
        if (one.peak_memory && fed_avg->peak_memory) {
            out << ", peak memory over FedAvg's "
                << number(static_cast<double>(*one.peak_memory) /
                          static_cast<double>(*fed_avg->peak_memory));
        }
        out << '\n';
    }
}

Json json_of(const RoundOutcome& round) {
    return {{"training_seconds", round.times.training},
            {"projection_seconds", round.times.projection},
            {"local_seconds", round.times.local()},
            {"aggregation_seconds", round.times.aggregation},
            {"total_seconds", round.times.total()},
            {"parameters_up", round.parameters_up},
            {"parameters_down", round.parameters_down},
            {"parameters_moved", moved(round)},
            {"basis_elements", round.basis_elements},
            {"extrapolated", round.extrapolated}};
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json json_of(const PaperRound& paper) {
    return {{"tables", paper.tables},
            {"local_seconds", or_null(paper.local_seconds)},
            {"aggregation_seconds", or_null(paper.aggregation_seconds)},
            {"total_seconds", paper.total_seconds},
            {"parameters_moved", or_null(paper.parameters_moved)},
            {"peak_memory_gb", or_null(paper.peak_memory)}};
}

Json json_of(const Options& options, const Measurement& measurement) {
    const std::optional<PaperRound> paper = paper_round(options.shape, measurement.algorithm);
    Json json{{"algorithm", measurement.algorithm}};
    if (!measurement.basis.empty()) json["basis"] = measurement.basis;
    if (!measurement.failure.empty()) json["failure"] = measurement.failure;
    if (!measurement.rounds.empty()) json["median"] = json_of(measurement.median());
    json["peak_memory_bytes"] = or_null(measurement.peak_memory);
    json["paper"] = paper ? json_of(*paper) : Json(nullptr);
    json["rounds"] = Json::array();
    for (const RoundOutcome& round : measurement.rounds) json["rounds"].push_back(json_of(round));
    return json;
}

}  // namespace

void print_tables(std::ostream& out, const Options& options, const Client& client,
                  std::span<const Measurement> measurements) {
    out << options.shape << ", " << client.parameter_count() << " parameters of " << options.dtype
        << " on " << device_name(client.device) << "; " << options.local_steps
        << " first-order steps, examples of " << options.sequence_length << " tokens, "
        << options.clients << " client(s) aggregated; Ferret's K " << options.budget << " by "
        << options.budget_rule << "; medians of " << options.repetitions << " rounds.\n\n";
    const char* const memory = client.device.is_cuda() ? "peak GPU memory, GiB" : "peak RSS, GiB";
    out << "| | training, s | projection, s | local, s | paper | aggregation, s | paper | total, s "
           "| paper | parameters moved | paper | "
        << memory << " | paper, GB |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        << "---:|\n";
    for (const Measurement& measurement : measurements) print_row(out, options, measurement);
    out << '\n';
    print_ratios(out, measurements);
    for (const Measurement& measurement : measurements) {
        if (!measurement.failure.empty()) {
            out << label(measurement) << " failed: " << measurement.failure << '\n';
        } else if (!measurement.median().extrapolated.empty()) {
            out << label(measurement) << " is extrapolated: " << measurement.median().extrapolated
                << '\n';
        }
    }
}

Json to_json(const Options& options, const Client& client,
             std::span<const Measurement> measurements) {
    Json json{{"shape", options.shape},
              {"parameters", client.parameter_count()},
              {"dtype", options.dtype},
              {"device", device_name(client.device)},
              {"libtorch", TORCH_VERSION},
              {"budget", options.budget},
              {"budget_rule", options.budget_rule},
              {"layout", "grouped"},
              {"local_steps", options.local_steps},
              {"batch_size", 1},
              {"learning_rate", options.learning_rate},
              {"sequence_length", options.sequence_length},
              {"clients", options.clients},
              {"repetitions", options.repetitions},
              {"zeroth_order_share", options.zeroth_order_share}};
    json["algorithms"] = Json::array();
    for (const Measurement& one : measurements) json["algorithms"].push_back(json_of(options, one));
    return json;
}

}  // namespace fed_round
