#pragma once

#include "client.hpp"
#include "federated/model/weights.hpp"
#include "round.hpp"

namespace fed_round {

/// What FedAvg and FedZO do after training: the difference of the weights is formed ("projection"), all
/// of it is sent, and the clients' differences are averaged into the model.
/// Shapes: before: the weights before training, overwritten; the client's model has those after
void average_full_updates(fed_llm::Client& client, federated::Weights& before,
                          RoundOutcome& outcome);

}  // namespace fed_round
