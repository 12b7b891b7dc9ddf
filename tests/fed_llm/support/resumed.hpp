#pragma once

#include <functional>
#include <memory>

#include "support/bigram_model.hpp"
#include "support/play_round.hpp"

using MakeAlgorithm =
    std::function<std::unique_ptr<fed_llm::Algorithm>(fed_llm::TrainableModel& model)>;

/// Plays four rounds in one go, and again with a break after two, as a checkpoint makes it; checks
/// that both end with the same bits.
inline void expect_same_bits_when_resumed(
    const std::function<fed_llm::TrainableModel()>& make_model, const MakeAlgorithm& make,
    const fed_llm::FederatedDataset& dataset) {
    fed_llm::TrainableModel whole = make_model();
    const auto uninterrupted = make(whole);
    for (int round = 1; round <= 4; ++round) play_round(*uninterrupted, dataset, {round, 0.5});

    fed_llm::TrainableModel first = make_model();
    const auto before = make(first);
    for (int round = 1; round <= 2; ++round) play_round(*before, dataset, {round, 0.5});

    fed_llm::TrainableModel second = make_model();
    const auto after = make(second);
    fed_llm::assign_weights(second.parameters, first.parameters);
    after->restore(before->state());
    for (int round = 3; round <= 4; ++round) play_round(*after, dataset, {round, 0.5});
    CHECK(same_bits(second.parameters, whole.parameters));
    CHECK((after->state() == uninterrupted->state()));
}
