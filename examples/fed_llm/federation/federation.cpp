#include "federation/federation.hpp"

#include <algorithm>
#include <string>

#include "federation/client_sampling.hpp"
#include "federation/stopwatch.hpp"
#include "federation/weights.hpp"

namespace fed_llm {
namespace {

/// Test examples between two reports of progress, at which a run can be interrupted.
constexpr std::size_t evaluation_slice = 64;

}  // namespace

double evaluate(const TrainableModel& model, std::span<const Example> test, std::int64_t round,
                const ProgressObserver& observe) {
    double sum = 0.0;
    for (std::size_t first = 0; first < test.size(); first += evaluation_slice) {
        const std::size_t count = std::min(evaluation_slice, test.size() - first);
        sum += model.mean_loss(test.subspan(first, count)) * static_cast<double>(count);
        observe({.phase = Progress::Phase::evaluation,
                 .round = round,
                 .done = static_cast<std::int64_t>(first + count),
                 .total = static_cast<std::int64_t>(test.size())});
    }
    return sum / static_cast<double>(test.size());
}

Federation::Federation(const TrainableModel& model, const FederatedDataset& dataset,
                       Algorithm& algorithm, const FederationSettings& settings)
    : model_(model), dataset_(dataset), algorithm_(algorithm), settings_(settings) {
    if (dataset.test.empty()) {
        throw std::invalid_argument("federation: the data set has no test examples");
    }
    if (settings.clients_per_round == 0 || settings.clients_per_round > dataset.clients.size()) {
        throw std::invalid_argument(
            "federation: expected 1 to " + std::to_string(dataset.clients.size()) +
            " clients per round, got " + std::to_string(settings.clients_per_round));
    }
}

RoundRecord Federation::before(const ProgressObserver& observe) const {
    RoundRecord record;
    Stopwatch watch;
    record.test_loss = evaluate(model_, dataset_.test, 0, observe);
    record.evaluation_seconds = watch.lap();
    return record;
}

RoundRecord Federation::run_round(std::int64_t number, const ProgressObserver& observe) {
    const Round round{
        number, server_rate(settings_.schedule, settings_.server_rate, number, settings_.rounds)};
    RoundRecord record;
    record.round = number;
    record.server_rate = round.server_rate;

    const auto sampled = sample_clients(dataset_.clients.size(), settings_.clients_per_round,
                                        settings_.seed, number);
    std::size_t received = 0;
    for (const std::size_t id : sampled) {
        const Client& client = dataset_.clients[id];
        Progress progress{.phase = Progress::Phase::training,
                          .round = number,
                          .client = static_cast<std::int64_t>(record.clients.size()) + 1,
                          .clients = static_cast<std::int64_t>(sampled.size())};
        const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
            progress.done = step;
            progress.total = steps;
            progress.loss = loss;
            observe(progress);
        };
        ClientUpdate update = algorithm_.client_update({id, client}, round, on_step);
        record.clients.push_back({.name = client.name,
                                  .bytes_up = update.message.size(),
                                  .training_loss = update.training_loss,
                                  .training_seconds = update.training_seconds,
                                  .projection_seconds = update.projection_seconds,
                                  .failure = update.failure});
        if (!update.failure.empty()) continue;
        Stopwatch watch;
        algorithm_.receive(update.message);
        synchronize(model_.parameters);
        record.aggregation_seconds += watch.lap();
        ++received;
    }
    if (received == 0) {
        throw AllClientsFailed("round " + std::to_string(number) + ": none of its " +
                               std::to_string(sampled.size()) + " clients has a finite update (" +
                               record.clients.front().name + ": " + record.clients.front().failure +
                               "); a smaller lr or server-lr may help");
    }

    observe({.phase = Progress::Phase::aggregation, .round = number});
    Stopwatch watch;
    record.bytes_down = algorithm_.aggregate(round);
    synchronize(model_.parameters);
    record.aggregation_seconds += watch.lap();
    record.test_loss = evaluate(model_, dataset_.test, number, observe);
    record.evaluation_seconds = watch.lap();
    return record;
}

}  // namespace fed_llm
