#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "federated/algorithm/local_training.hpp"
#include "federated/algorithm/roles.hpp"
#include "federated/model/weights.hpp"

namespace federated {

/// A generator for `use` that is a function of (seed, use, client, round).
std::mt19937_64 client_generator(std::uint64_t seed, const std::string& use,
                                 const Participant& participant, const Round& round);

/// What a client does with the model: tunes it in place on its own examples, walking through them in
/// this order.
using LocalTrainer =
    std::function<LocalResult(TrainableModel& model, const Participant& participant,
                              const Round& round, DataOrder order, const StepObserver& on_step)>;

/// train_locally as a LocalTrainer.
LocalTrainer first_order_trainer(const LocalTraining& training);

/// The client's part of algorithms that train and send something made of the weights before and
/// after.
///
/// Cost: one copy of the weights, shared by all clients.
class TrainingClient {
public:
    /// Makes the message. The model holds the weights after; they may be overwritten. Throws:
    /// ferret::NonFinite if the update has no finite message, which fails this client alone.
    using MakeMessage = std::function<std::vector<std::byte>(const Weights& before)>;

    /// `model` outlives this object.
    TrainingClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed);

    /// Trains, makes the message and puts the round's weights back.
    /// Repro: the order of the data is a function of (seed, round, participant).
    ClientUpdate operator()(const Participant& participant, const Round& round,
                            const MakeMessage& make_message, const StepObserver& on_step);

private:
    TrainableModel& model_;
    LocalTrainer train_;
    std::uint64_t seed_;
    Weights before_;
};

}  // namespace federated
