#pragma once

#include "client.hpp"
#include "federated/algorithm/training_client.hpp"
#include "round.hpp"

namespace fed_round {

/// A round of algorithms that average whole updates, FedAvg's and FedZO's, timed without the bytes that
/// they travel as: those would cost FedAvg more than its arithmetic.
class FullUpdateRound {
public:
    /// `client` outlives this object.
    FullUpdateRound(Client& client, federated::LocalTrainer train);

    /// Throws: std::runtime_error if training left the finite numbers
    RoundOutcome operator()();

private:
    Client& client_;
    federated::TrainingClient train_;
    std::int64_t round_ = 0;
};

}  // namespace fed_round
