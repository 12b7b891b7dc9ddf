#include "fed_llm/evaluation/evaluate.hpp"

#include <algorithm>

#include "fed_llm/model/loss.hpp"

namespace fed_llm {
namespace {

/// Test examples between two reports of progress, at which a run can be interrupted.
constexpr std::size_t evaluation_slice = 64;

}  // namespace

std::vector<federated::Metric> evaluate(Llama& model, std::span<const Example> test,
                                        std::int64_t round,
                                        const federated::ProgressObserver& observe) {
    double sum = 0.0;
    for (std::size_t first = 0; first < test.size(); first += evaluation_slice) {
        const std::size_t count = std::min(evaluation_slice, test.size() - first);
        sum += mean_response_loss(model, test.subspan(first, count)) * static_cast<double>(count);
        observe({.phase = federated::Progress::Phase::evaluation,
                 .round = round,
                 .done = static_cast<std::int64_t>(first + count),
                 .total = static_cast<std::int64_t>(test.size())});
    }
    return {{"test_loss", sum / static_cast<double>(test.size())}};
}

}  // namespace fed_llm
