#include "full_update.hpp"

#include <stdexcept>

#include "device.hpp"
#include "federated/algorithm/fed_avg.hpp"

namespace fed_round {

FullUpdateRound::FullUpdateRound(Client& client, federated::LocalTrainer train)
    : client_(client), train_(client.model, std::move(train), seed) {}

RoundOutcome FullUpdateRound::operator()() {
    federated::Weights& weights = client_.model.parameters;
    RoundOutcome outcome;
    federated::Weights sent;
    const auto make_update = [&](const federated::Weights& before) {
        outcome.times.projection =
            seconds_of(client_.device, [&] { federated::make_full_update(before, weights); });
        sent = federated::clone_weights(weights);  // stands for the way to the server
        return std::vector<std::byte>();
    };
    const federated::ClientUpdate update =
        train_(client_.participant(), {++round_, 1.0}, make_update, {});
    if (!update.failure.empty()) throw std::runtime_error("training: " + update.failure);
    outcome.times.training = update.training_seconds;
    federated::UpdateSum sum;
    outcome.times.aggregation = seconds_of(client_.device, [&] {
        sum.add(sent);
        // Any tensors of this size do for the others.
        for (std::int64_t i = 1; i < client_.clients; ++i) sum.add(weights);
        federated::UpdateSum::follow(sum.sum(), sum.clients(), 1.0, weights);
    });
    outcome.parameters_up = client_.parameter_count();
    outcome.parameters_down = client_.parameter_count();
    return outcome;
}

}  // namespace fed_round
