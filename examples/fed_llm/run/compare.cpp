#include "run/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "run/run_folder.hpp"

namespace fed_llm {
namespace {

using Row = std::vector<std::string>;

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

std::string decimal(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

/// 1234567 as "1 234 567".
std::string grouped(double value) {
    const std::string digits = decimal(value, 0);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ' ';
        text += digits[i];
    }
    return text;
}

void print_row(std::ostream& stream, const Row& row, const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        stream << "| " << (i == 0 ? row[i] + padding : padding + row[i]) << ' ';
    }
    stream << "|\n";
}

void print_table(std::ostream& stream, const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    for (std::size_t line = 0; line < rows.size(); ++line) {
        print_row(stream, rows[line], widths);
        if (line > 0) continue;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            stream << '|' << std::string(widths[i] + 1, '-') << (i == 0 ? "-" : ":");
        }
        stream << "|\n";
    }
}

}  // namespace

ComparedRun read_run(const std::filesystem::path& folder) {
    const RunFolder run(folder);
    std::filesystem::path name = folder.lexically_normal();
    if (!name.has_filename()) name = name.parent_path();  // "runs/a/"
    return {name.filename().string(), stored_options(run), read_metrics(run.metrics())};
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

    std::vector<Row> rows;
    const auto add = [&](const std::string& label, const auto& cell) {
        Row row{label};
        for (std::size_t i = 0; i < runs.size(); ++i) row.push_back(cell(runs[i], means[i]));
        rows.push_back(std::move(row));
    };
    using Run = const ComparedRun&;
    using Mean = const Means&;
    add("", [](Run run, Mean) { return run.name; });
    add("algorithm", [](Run run, Mean) { return run.options.algorithm; });
    add("rounds", [](Run run, Mean) { return std::to_string(run.metrics.rounds.back().round); });
    add("clients per round",
        [](Run run, Mean) { return std::to_string(run.metrics.rounds.back().clients); });
    add("test loss before",
        [](Run run, Mean) { return decimal(run.metrics.rounds.front().test_loss, 4); });
    add("test loss after",
        [](Run run, Mean) { return decimal(run.metrics.rounds.back().test_loss, 4); });
    add("Rouge-L after, %", [](Run run, Mean) {
        return run.metrics.answers.empty() ? std::string("-")
                                           : decimal(100.0 * run.metrics.answers.back().rouge_l, 2);
    });
    add("bytes up, per client and round", [](Run, Mean mean) { return grouped(mean.bytes_up); });
    add("bytes down, per client and round",
        [](Run, Mean mean) { return grouped(mean.bytes_down); });
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

}  // namespace fed_llm
