#pragma once

#include "federated/algorithm/fed_avg.hpp"
#include "federated/model/trainable_model.hpp"
#include "kd_lora/federation/server_phase.hpp"
#include "kd_lora/federation/weighted_average.hpp"

namespace kd_lora {

/// The client of FedKD-LoRA: trains and sends as FedAvg's, but what comes down are the weights themselves, as
/// the server's distillation left them.
class DistilledClient : public federated::FedAvgClient {
public:
    /// `model` outlives this object.
    DistilledClient(federated::TrainableModel& model, federated::LocalTrainer train,
                    std::uint64_t seed);

    void follow(const federated::Round& round, std::span<const std::byte> broadcast) override;

private:
    federated::TrainableModel& model_;
};

/// The server of FedKD-LoRA: averages the clients' updates with weights, lets student and teacher learn from
/// each other, and sends the student's tuned tensors as encode_tensors.
///
/// Cost: the teacher beside the student, its gradients and moments during a round's end; a copy of what is
///       tuned
class DistillingServer : public federated::ServerAlgorithm {
public:
    /// `model` has the tensors that `student` trains, with the round's weights whenever a member is
    /// called, and again after it. All outlive this object. `observe` is told of the phases' steps.
    DistillingServer(WeightedAverageServer average, federated::TrainableModel& model,
                     const SequenceClassifier& student, const SequenceClassifier& teacher,
                     ServerPhase phase, federated::ProgressObserver observe);

    void receive(const federated::Participant& participant, const federated::Round& round,
                 std::span<const std::byte> message) override;
    /// Throws: std::runtime_error where distillation becomes infinite or not a number
    std::vector<std::byte> close(const federated::Round& round) override;
    /// Losses of the last round's end.
    std::vector<federated::Metric> findings() const override { return findings_; }
    /// The teacher's weights.
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

private:
    WeightedAverageServer average_;
    federated::TrainableModel& model_;
    const SequenceClassifier& student_;
    const SequenceClassifier& teacher_;
    ServerPhase phase_;
    federated::ProgressObserver observe_;
    std::vector<federated::Metric> findings_;
};

}  // namespace kd_lora
