#include "kd_lora/evaluation/metrics.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

ConfusionCounts counts_of(const std::vector<std::vector<std::uint64_t>>& table) {
    const auto labels = static_cast<std::int64_t>(table.size());
    ConfusionCounts counts(labels);
    for (std::int64_t label = 0; label < labels; ++label) {
        for (std::int64_t prediction = 0; prediction < labels; ++prediction) {
            counts.add(
                label, prediction,
                table[static_cast<std::size_t>(label)][static_cast<std::size_t>(prediction)]);
        }
    }
    return counts;
}

double matthews(const std::vector<std::vector<std::uint64_t>>& table) {
    return matthews_correlation(counts_of(table));
}

}  // namespace

TEST_CASE("accuracy is the share of the diagonal") {
    CHECK(accuracy(counts_of({{224, 100}, {60, 659}})) == 883.0 / 1043.0);
    CHECK(accuracy(counts_of({{3, 1, 2}, {0, 4, 1}, {2, 2, 6}})) == 13.0 / 21.0);
    CHECK_THROWS_AS(accuracy(ConfusionCounts(2)), std::invalid_argument);
}

TEST_CASE("Matthews correlation is scikit-learn's") {
    // sklearn.metrics.matthews_corrcoef, 1.7
    constexpr double rounding = 1e-15;
    CHECK(std::abs(matthews({{224, 100}, {60, 659}}) - 0.6319683303310956) < rounding);
    CHECK(std::abs(matthews({{3, 1, 2}, {0, 4, 1}, {2, 2, 6}}) - 0.41698456071672957) < rounding);
    CHECK(std::abs(matthews({{3, 1, 2}, {0, 0, 0}, {2, 2, 6}}) - 0.24692197985400385) < rounding);
    CHECK(std::abs(matthews({{3, 0, 2}, {1, 0, 4}, {2, 0, 6}}) - 0.20701966780270628) < rounding);
    CHECK(std::abs(matthews({{1000000, 2000}, {300, 900000}}) - 0.9975767779872147) < rounding);
    CHECK(matthews({{5, 0}, {0, 7}}) == doctest::Approx(1.0).epsilon(rounding));
    CHECK(matthews({{0, 5}, {7, 0}}) == doctest::Approx(-1.0).epsilon(rounding));
    CHECK(matthews({{2, 2}, {3, 3}}) == 0.0);
}

TEST_CASE("Matthews correlation is 0 where all labels or all predictions are of one class") {
    CHECK(matthews({{0, 324}, {0, 719}}) == 0.0);  // the majority class for every sentence
    CHECK(matthews({{324, 0}, {719, 0}}) == 0.0);
    CHECK(matthews({{0, 0}, {30, 12}}) == 0.0);
    CHECK(matthews({{0, 0}, {0, 12}}) == 0.0);
    CHECK(matthews({{0, 3, 0}, {0, 5, 0}, {0, 1, 0}}) == 0.0);
    CHECK_THROWS_AS(matthews_correlation(ConfusionCounts(2)), std::invalid_argument);
}

TEST_CASE("a mean loss is over examples, whatever the batches") {
    LossSum loss;
    loss.add_mean(1.0, 32);
    loss.add_mean(4.0, 16);
    CHECK(loss.mean() == 2.0);
    LossSum other;
    other.add_mean(8.0, 48);
    loss.add(other);
    CHECK(loss.mean() == 5.0);
    CHECK(loss.examples == 96);
    CHECK_THROWS_AS(LossSum{}.mean(), std::invalid_argument);
}

TEST_CASE("scores are of as many losses as predictions, and become metrics by name") {
    const ConfusionCounts counts = counts_of({{3, 1}, {0, 4}});
    LossSum loss;
    loss.add_mean(0.5, 8);
    const Scores scores = scores_of(counts, loss);
    CHECK(scores == Scores{7.0 / 8.0, matthews_correlation(counts), 0.5});
    CHECK(metrics_of(scores, "teacher_") ==
          std::vector<federated::Metric>{{"teacher_accuracy", scores.accuracy},
                                         {"teacher_matthews", scores.matthews},
                                         {"teacher_loss", scores.loss}});
    loss.add_mean(0.5, 1);
    CHECK_THROWS_AS(scores_of(counts, loss), std::invalid_argument);
}
