#include "federated/report/round_line.hpp"

#include <cstdio>

#include "federated/report/table.hpp"
#include "federated/store/metrics.hpp"

namespace federated {
namespace {

/// "test loss 3.1234".
std::string metrics_text(const std::vector<Metric>& metrics) {
    std::string text;
    for (const Metric& metric : metrics) {
        text += (text.empty() ? "" : "  ") + words_of(metric.name) + " " + decimal(metric.value, 4);
    }
    return text;
}

}  // namespace

std::string round_line(const RoundRecord& record, std::int64_t rounds) {
    const RoundSummary summary = summary_of(record);
    const std::string metrics = metrics_text(record.metrics);
    char text[512];
    if (record.round == 0) {
        std::snprintf(text, sizeof text, "before      %s  (evaluation %.2f s)", metrics.c_str(),
                      summary.evaluation_seconds);
        return text;
    }
    std::snprintf(text, sizeof text,
                  "round %lld/%lld  %s  up %.0f B  down %zu B  per client  (training "
                  "%.2f s, projection %.2f s, aggregation %.2f s, evaluation %.2f s)",
                  static_cast<long long>(record.round), static_cast<long long>(rounds),
                  metrics.c_str(), summary.bytes_up, record.bytes_down, summary.training_seconds,
                  summary.projection_seconds, summary.aggregation_seconds,
                  summary.evaluation_seconds);
    return text;
}

}  // namespace federated
