#include "kd_lora/evaluation/metrics.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace kd_lora {
namespace {

double expect_examples(std::uint64_t examples, const char* what) {
    if (examples == 0) {
        throw std::invalid_argument(std::string(what) + ": expected at least one example, got 0");
    }
    return static_cast<double>(examples);
}

std::uint64_t correct(const ConfusionCounts& counts) {
    std::uint64_t sum = 0;
    for (std::int64_t label = 0; label < counts.labels(); ++label) sum += counts.at(label, label);
    return sum;
}

}  // namespace

double accuracy(const ConfusionCounts& counts) {
    const double total = expect_examples(counts.total(), "accuracy");
    return static_cast<double>(correct(counts)) / total;
}

double matthews_correlation(const ConfusionCounts& counts) {
    const double total = expect_examples(counts.total(), "Matthews correlation");
    double agreement = static_cast<double>(correct(counts)) * total;
    double of_labels = total * total;
    double of_predictions = total * total;
    for (std::int64_t label = 0; label < counts.labels(); ++label) {
        std::uint64_t labelled = 0;
        std::uint64_t predicted = 0;
        for (std::int64_t other = 0; other < counts.labels(); ++other) {
            labelled += counts.at(label, other);
            predicted += counts.at(other, label);
        }
        const auto rows = static_cast<double>(labelled);
        const auto columns = static_cast<double>(predicted);
        agreement -= rows * columns;
        of_labels -= rows * rows;
        of_predictions -= columns * columns;
    }
    // Whole numbers so far, exact below 2^53.
    if (of_labels == 0.0 || of_predictions == 0.0) return 0.0;
    return agreement / (std::sqrt(of_labels) * std::sqrt(of_predictions));
}

void LossSum::add_mean(double mean, std::uint64_t count) {
    sum += mean * static_cast<double>(count);
    examples += count;
}

void LossSum::add(const LossSum& other) {
    sum += other.sum;
    examples += other.examples;
}

double LossSum::mean() const {
    return sum / expect_examples(examples, "mean loss");
}

Scores scores_of(const ConfusionCounts& counts, const LossSum& loss) {
    if (counts.total() != loss.examples) {
        throw std::invalid_argument("scores: expected as many losses as predictions, " +
                                    std::to_string(counts.total()) + ", got " +
                                    std::to_string(loss.examples));
    }
    return {accuracy(counts), matthews_correlation(counts), loss.mean()};
}

std::vector<federated::Metric> metrics_of(const Scores& scores, std::string_view prefix) {
    const std::string before(prefix);
    return {{before + "accuracy", scores.accuracy},
            {before + "matthews", scores.matthews},
            {before + "loss", scores.loss}};
}

}  // namespace kd_lora
