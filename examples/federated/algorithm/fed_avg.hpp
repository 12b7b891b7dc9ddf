#pragma once

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"

namespace federated {

/// after := before - after, in place: what a client of FedAvg sends.
/// Throws: ferret::NonFinite if it is infinite or not a number
void make_full_update(const Weights& before, Weights& after);

/// The sum of clients' updates: what the server of FedAvg keeps of them.
class UpdateSum {
public:
    /// Cost: one pass, and the memory of the first update
    void add(Weights update);

    std::uint64_t clients() const { return clients_; }
    const Weights& sum() const { return sum_; }

    /// model -= server_rate * sum / clients, in place.
    static void follow(const Weights& sum, std::uint64_t clients, double server_rate,
                       Weights& model);

private:
    Weights sum_;
    std::uint64_t clients_ = 0;
};

/// The broadcast of FedAvg's server, which its clients follow: the number of clients (u64) and the sum of
/// their updates as encode_tensors.
std::vector<std::byte> encode_fed_avg_broadcast(std::uint64_t clients, const Weights& sum);

/// Federated averaging: clients send their whole update, the server the sum of them.
///
/// Math: w <- w - server_rate * mean_i (w_before - w_after^(i)), all clients weighted equally;
/// server rate 1 is the average of the clients' models.
/// Cost: up and down, all d parameters. Memory: the client's copy and one sum.
/// Source: McMahan et al., AISTATS 2017; with a server rate, Reddi et al., ICLR 2021.
class FedAvgClient : public ClientAlgorithm {
public:
    /// `model` outlives this object.
    FedAvgClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;

private:
    TrainableModel& model_;
    TrainingClient client_;
};

class FedAvgServer : public ServerAlgorithm {
public:
    /// `like` has the shapes, types and device of what is tuned; its values are not read.
    explicit FedAvgServer(Weights like) : like_(std::move(like)) {}

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;

private:
    Weights like_;
    UpdateSum received_;
};

/// What local steps on `tuned` hold, and the server's sum.
std::vector<MemoryPart> with_update_sum(std::vector<MemoryPart> steps, const Weights& tuned);

/// All of the tuned tensors, up and down.
Traffic full_traffic(const Weights& tuned);

/// The server and the traffic of algorithms that average the whole model, as their rows have them.
std::unique_ptr<ServerAlgorithm> make_averaging_server(const AlgorithmOptions& options,
                                                       const TrainableModel& model);
Traffic averaging_traffic(const AlgorithmOptions& options, const TrainableModel& model,
                          std::size_t clients);

extern const AlgorithmEntry fed_avg_entry;

}  // namespace federated
