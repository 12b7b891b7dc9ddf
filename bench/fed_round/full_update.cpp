#include "full_update.hpp"

#include "device.hpp"

namespace fed_round {

void average_full_updates(fed_llm::Client& client, federated::Weights& before,
                          RoundOutcome& outcome) {
    federated::Weights& weights = client.model.parameters;
    const double share = 1.0 / static_cast<double>(client.clients);
    outcome.times.projection =
        seconds_of(client.device, [&] { federated::make_delta(before, weights); });
    outcome.times.aggregation = seconds_of(client.device, [&] {
        for (std::int64_t i = 0; i < client.clients; ++i) {
            federated::add_weights(before, weights, -share);
        }
        federated::assign_weights(weights, before);
    });
    outcome.parameters_up = client.parameter_count();
    outcome.parameters_down = client.parameter_count();
}

}  // namespace fed_round
