#include "full_update.hpp"

#include "device.hpp"

namespace fed_round {

void average_full_updates(Client& client, fed_llm::Weights& before, RoundOutcome& outcome) {
    fed_llm::Weights& weights = client.model.parameters;
    const double share = 1.0 / static_cast<double>(client.clients);
    outcome.times.projection =
        seconds_of(client.device, [&] { fed_llm::make_delta(before, weights); });
    outcome.times.aggregation = seconds_of(client.device, [&] {
        for (std::int64_t i = 0; i < client.clients; ++i) {
            fed_llm::add_weights(before, weights, -share);
        }
        fed_llm::assign_weights(weights, before);
    });
    outcome.parameters_up = client.parameter_count();
    outcome.parameters_down = client.parameter_count();
}

}  // namespace fed_round
