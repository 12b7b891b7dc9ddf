#pragma once

#include <cstdint>
#include <functional>

#include "federation/algorithm.hpp"
#include "federation/weights.hpp"

namespace fed_llm {

/// The client's part of algorithms that train all parameters and send something made of the weights
/// before and after.
///
/// Cost: one copy of the weights, shared by all clients.
class FirstOrderClient {
public:
    /// Makes the message. The model holds the weights after; they may be overwritten. Throws:
    /// ferret::NonFinite if the update has no finite message, which fails this client alone.
    using MakeMessage = std::function<std::vector<std::byte>(const Weights& before)>;

    /// `model` outlives this object.
    FirstOrderClient(TrainableModel& model, const LocalTraining& training, std::uint64_t seed);

    /// Trains, makes the message and puts the global weights back.
    /// Repro: the order of the data is a function of (seed, round, participant).
    ClientUpdate operator()(const Participant& participant, const Round& round,
                            const MakeMessage& make_message, const StepObserver& on_step);

private:
    TrainableModel& model_;
    LocalTraining training_;
    std::uint64_t seed_;
    Weights before_;
};

}  // namespace fed_llm
