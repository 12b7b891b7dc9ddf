#include "federated/report/compare.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "federated/report/table.hpp"
#include "federated/store/run_folder.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {
namespace {

/// Means over the rounds, and over the clients where the unit says "per client".
struct Means {
    double bytes_up = 0.0;
    double bytes_down = 0.0;
    double training = 0.0;
    double projection = 0.0;
    double aggregation = 0.0;
    double evaluation = 0.0;
    std::int64_t left_out = 0;
};

Means means_of(const Metrics& metrics) {
    Means means;
    double rounds = 0.0;
    for (const RoundSummary& round : metrics.rounds) {
        means.left_out += round.clients_left_out;
        if (round.round == 0 || round.clients == 0) continue;
        const auto clients = static_cast<double>(round.clients);
        means.bytes_up += round.bytes_up;
        means.bytes_down += round.bytes_down;
        means.training += round.training_seconds / clients;
        means.projection += round.projection_seconds / clients;
        means.aggregation += round.aggregation_seconds;
        means.evaluation += round.evaluation_seconds;
        rounds += 1.0;
    }
    if (rounds == 0.0) return means;
    for (double* sum : {&means.bytes_up, &means.bytes_down, &means.training, &means.projection,
                        &means.aggregation, &means.evaluation}) {
        *sum /= rounds;
    }
    return means;
}

/// Programs name what clients send as their option --algorithm or --scheme.
std::string algorithm_of(const RunFolder& run) {
    const nlohmann::ordered_json options = stored_options(run);
    auto found = options.find("algorithm");
    if (found == options.end()) found = options.find("scheme");
    if (found == options.end() || !found->is_string()) {
        throw files::FileError(run.config(), "options.algorithm", "text",
                               found == options.end() ? "nothing" : files::describe(*found));
    }
    return found->get<std::string>();
}

std::span<const Metric> before(const ComparedRun& run) {
    return run.metrics.rounds.front().metrics;
}

std::span<const Metric> after(const ComparedRun& run) {
    return run.metrics.rounds.back().metrics;
}

std::span<const Metric> answers_of(const ComparedRun& run) {
    if (run.metrics.answers.empty()) return {};
    return run.metrics.answers.back().metrics;
}

/// The names of all runs' metrics, in the order in which they come.
template <class MetricsOf>
std::vector<std::string> names_of(const std::vector<ComparedRun>& runs,
                                  const MetricsOf& metrics_of) {
    std::vector<std::string> names;
    for (const ComparedRun& run : runs) {
        for (const Metric& metric : metrics_of(run)) {
            if (std::ranges::find(names, metric.name) == names.end()) names.push_back(metric.name);
        }
    }
    return names;
}

/// The metric of that name, or a dash where the run has none.
std::string cell_of(std::span<const Metric> metrics, const std::string& name) {
    const bool has_it = std::ranges::find(metrics, name, &Metric::name) != metrics.end();
    return has_it ? decimal(metric_of(metrics, name), 4) : "-";
}

}  // namespace

ComparedRun read_run(const std::filesystem::path& folder) {
    const RunFolder run(folder);
    std::filesystem::path name = folder.lexically_normal();
    if (!name.has_filename()) name = name.parent_path();  // "runs/a/"
    return {name.filename().string(), algorithm_of(run), read_metrics(run.metrics())};
}

void print_comparison(std::ostream& stream, const std::vector<ComparedRun>& runs) {
    std::vector<Means> means;
    double most_bytes = 0.0;
    for (const ComparedRun& run : runs) {
        if (run.metrics.rounds.empty()) {
            throw std::invalid_argument("compare: run " + run.name + " has no measured round yet");
        }
        means.push_back(means_of(run.metrics));
        most_bytes = std::max(most_bytes, means.back().bytes_up + means.back().bytes_down);
    }

    std::vector<std::vector<std::string>> rows;
    const auto add = [&](const std::string& label, const auto& cell) {
        std::vector<std::string> row{label};
        for (std::size_t i = 0; i < runs.size(); ++i) row.push_back(cell(runs[i], means[i]));
        rows.push_back(std::move(row));
    };
    using Run = const ComparedRun&;
    using Mean = const Means&;
    add("", [](Run run, Mean) { return run.name; });
    add("algorithm", [](Run run, Mean) { return run.algorithm; });
    add("rounds", [](Run run, Mean) { return std::to_string(run.metrics.rounds.back().round); });
    add("clients per round",
        [](Run run, Mean) { return std::to_string(run.metrics.rounds.back().clients); });
    for (const std::string& name : names_of(runs, before)) {
        add(words_of(name) + " before", [&](Run run, Mean) { return cell_of(before(run), name); });
        add(words_of(name) + " after", [&](Run run, Mean) { return cell_of(after(run), name); });
    }
    for (const std::string& name : names_of(runs, answers_of)) {
        add(words_of(name) + " after", [&](Run run, Mean) {
            const double value = metric_of(answers_of(run), name);
            return std::isnan(value) ? std::string("-") : decimal(value, 4);
        });
    }
    add("bytes up, per client and round",
        [](Run, Mean mean) { return grouped_digits(mean.bytes_up); });
    add("bytes down, per client and round",
        [](Run, Mean mean) { return grouped_digits(mean.bytes_down); });
    add("times fewer bytes", [&](Run, Mean mean) {
        const double bytes = mean.bytes_up + mean.bytes_down;
        return bytes > 0.0 ? decimal(most_bytes / bytes, 1) : std::string("-");
    });
    add("local training, s per client and round",
        [](Run, Mean mean) { return decimal(mean.training, 3); });
    add("projection, s per client and round",
        [](Run, Mean mean) { return decimal(mean.projection, 3); });
    add("aggregation, s per round", [](Run, Mean mean) { return decimal(mean.aggregation, 3); });
    add("evaluation, s per round", [](Run, Mean mean) { return decimal(mean.evaluation, 3); });
    add("clients left out", [](Run, Mean mean) { return std::to_string(mean.left_out); });
    print_table(stream, rows);
}

}  // namespace federated
