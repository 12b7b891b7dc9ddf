#pragma once

#include <functional>

#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"

using MakeRoles = std::function<Roles(federated::TrainableModel& model)>;

/// Plays four rounds of two clients in one go, and again with a break after two, as a checkpoint makes
/// it; checks that both end with the same bits.
inline void expect_same_bits_when_resumed(
    const std::function<federated::TrainableModel()>& make_model, const MakeRoles& make) {
    federated::TrainableModel whole = make_model();
    Roles uninterrupted = make(whole);
    for (int round = 1; round <= 4; ++round) play_round(uninterrupted, 2, {round, 0.5});

    federated::TrainableModel first = make_model();
    Roles before = make(first);
    for (int round = 1; round <= 2; ++round) play_round(before, 2, {round, 0.5});

    federated::TrainableModel second = make_model();
    Roles after = make(second);
    federated::assign_weights(second.parameters, first.parameters);
    after.client->restore(before.client->state());
    after.server->restore(before.server->state());
    after.kept = before.kept;
    for (int round = 3; round <= 4; ++round) play_round(after, 2, {round, 0.5});
    CHECK(same_bits(second.parameters, whole.parameters));
    CHECK((after.client->state() == uninterrupted.client->state()));
    CHECK((after.server->state() == uninterrupted.server->state()));
    CHECK((after.kept == uninterrupted.kept));
}
