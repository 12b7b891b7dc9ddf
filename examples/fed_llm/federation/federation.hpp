#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "data/federated_dataset.hpp"
#include "federation/algorithm.hpp"
#include "federation/progress.hpp"
#include "federation/round_record.hpp"
#include "federation/server_schedule.hpp"

namespace fed_llm {

/// Thrown when no client of a round has a finite update.
class AllClientsFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct FederationSettings {
    std::int64_t rounds = 1;
    std::size_t clients_per_round = 1;
    std::uint64_t seed = 0;
    double server_rate = 1.0;
    ServerSchedule schedule = ServerSchedule::constant;
};

/// The mean loss over the test examples. Throws: what `observe` throws.
double evaluate(const TrainableModel& model, std::span<const Example> test, std::int64_t round,
                const ProgressObserver& observe);

/// The rounds of a federated run.
class Federation {
public:
    /// All arguments outlive this object; `algorithm` works on `model`.
    /// Throws: std::invalid_argument if the data set has no test examples or fewer clients than
    /// take part in a round.
    Federation(const TrainableModel& model, const FederatedDataset& dataset, Algorithm& algorithm,
               const FederationSettings& settings);

    /// Round 0: the test loss of the model as it is.
    RoundRecord before(const ProgressObserver& observe) const;

    /// One round: samples clients, trains them, sends, aggregates, evaluates.
    ///
    /// A client whose update is not finite is left out and named in the record.
    /// Throws: AllClientsFailed; what `observe` throws.
    /// Repro: depends on settings, round number, the model's weights and the algorithm's state.
    RoundRecord run_round(std::int64_t number, const ProgressObserver& observe);

private:
    const TrainableModel& model_;
    const FederatedDataset& dataset_;
    Algorithm& algorithm_;
    FederationSettings settings_;
};

}  // namespace fed_llm
