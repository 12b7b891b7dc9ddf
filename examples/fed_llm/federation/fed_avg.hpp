#pragma once

#include "federation/algorithm.hpp"
#include "federation/training_client.hpp"

namespace fed_llm {

/// Federated averaging: clients send their whole update, the server follows the mean of them.
///
/// Math: w <- w - server_rate * mean_i (w_before - w_after^(i)), all clients weighted equally;
/// server rate 1 is the average of the clients' models.
/// Cost: up and down, all d parameters. Memory: the client's copy and one sum.
/// Source: McMahan et al., AISTATS 2017; with a server rate, Reddi et al., ICLR 2021.
class FedAvg : public Algorithm {
public:
    /// `model` outlives this object.
    FedAvg(TrainableModel& model, const LocalTraining& training, std::uint64_t seed);

    /// The same with clients that train in another way.
    FedAvg(TrainableModel& model, LocalTrainer train, std::uint64_t seed);

    ClientUpdate client_update(const Participant& participant, const Round& round,
                               const StepObserver& on_step) override;
    void receive(std::span<const std::byte> message) override;
    std::size_t aggregate(const Round& round) override;

private:
    TrainableModel& model_;
    TrainingClient client_;
    Weights sum_;
    std::size_t received_ = 0;
};

}  // namespace fed_llm
