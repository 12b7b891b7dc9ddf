#pragma once

#include <memory>
#include <string_view>

#include "client.hpp"
#include "round.hpp"

/// Rounds of SGD steps, as examples/fed_llm takes them, batch 1. Both keep a second copy of the weights
/// on the device, those before training; the round's time includes making it.
namespace fed_round {

/// FedAvg: "projection" is the difference of the weights, all of which is sent.
std::unique_ptr<FederatedRound> make_fed_avg(Client& client);

/// Ferret with the layout of the public code (Layout::grouped). Every aggregated sketch has a seed of
/// its own. The server's rate is K / d, at which the noise of so few coordinates stays below the
/// update, so that the model can be trained on; the time does not depend on it.
std::unique_ptr<FederatedRound> make_ferret(Client& client, std::string_view basis,
                                            std::string_view budget_rule, std::uint64_t budget);

}  // namespace fed_round
