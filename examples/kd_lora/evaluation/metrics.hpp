#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "federated/round/metric.hpp"
#include "kd_lora/evaluation/confusion_counts.hpp"

namespace kd_lora {

/// The share of the examples that were taken for what they are.
/// Throws: std::invalid_argument where there are none.
double accuracy(const ConfusionCounts& counts);

/// Matthews' correlation of labels and predictions, from -1 to 1: 0 for guessing, and where all labels
/// or all predictions are of one class.
///
/// Math: (c s - sum_k t_k p_k) / sqrt((s^2 - sum_k p_k^2) (s^2 - sum_k t_k^2)), c of s examples right,
/// t_k of class k, p_k taken for it; 0 where the divisor is. Two classes: the correlation of 0 and 1.
/// Throws: std::invalid_argument where there are no examples.
/// Source: Matthews 1975; more classes: Gorodkin 2004, as in scikit-learn.
double matthews_correlation(const ConfusionCounts& counts);

/// A mean over examples that is added up by batches.
struct LossSum {
    double sum = 0.0;
    std::uint64_t examples = 0;

    /// Adds a batch by its mean.
    void add_mean(double mean, std::uint64_t count);
    void add(const LossSum& other);

    /// Throws: std::invalid_argument where there are no examples.
    double mean() const;
};

/// How a model did on a set of examples.
struct Scores {
    double accuracy = 0.0;
    double matthews = 0.0;
    double loss = 0.0;  ///< mean over the examples

    bool operator==(const Scores&) const = default;
};

/// Throws: std::invalid_argument where there are no examples, or other numbers of them.
Scores scores_of(const ConfusionCounts& counts, const LossSum& loss);

/// accuracy, matthews and loss, each after the prefix: "teacher_accuracy" for "teacher_".
std::vector<federated::Metric> metrics_of(const Scores& scores, std::string_view prefix);

}  // namespace kd_lora
