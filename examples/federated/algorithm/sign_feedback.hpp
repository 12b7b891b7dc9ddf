#pragma once

#include <cstdint>
#include <vector>

#include "federated/algorithm/error_feedback.hpp"
#include "federated/algorithm/registry.hpp"

namespace federated {

/// Signs with error feedback: clients send a bit for each parameter and a scale for each tensor, and so does
/// the server; both keep what that leaves out for the next time.
///
/// Math:   client: a = e_i + w_before - w_after; s_i = mean |a| sign(a) for each tensor; e_i = a - s_i.
///         Server: b = E + mean_i s_i; t = mean |b| sign(b) for each tensor; E = b - t;
///         w <- w - server_rate * t
/// Cost:   messages as encode_signs has them, d / 8 bytes each way. A client keeps d floats, and so does
///         the server; a simulation, and its checkpoint, those of all clients that took part
/// Source: Karimireddy et al., ICML 2019, arXiv 1901.09847; both ways, as in 1-bit Adam: Tang et al., ICML
///         2021, arXiv 2102.02888
class SignFeedbackClient : public ClientAlgorithm {
public:
    /// `model` outlives this object.
    SignFeedbackClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;

private:
    TrainableModel& model_;
    TrainingClient client_;
    std::vector<std::size_t> sizes_;
};

class SignFeedbackServer : public ServerAlgorithm {
public:
    /// `sizes` are those of the model's tensors.
    explicit SignFeedbackServer(std::vector<std::size_t> sizes);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;
    std::vector<std::byte> state() const override { return residual_.state(); }
    void restore(std::span<const std::byte> state) override { residual_.restore(state); }

private:
    std::vector<std::size_t> sizes_;
    Residual residual_;
    std::vector<float> sum_;
    std::size_t received_ = 0;
};

extern const AlgorithmEntry sign_feedback_entry;

}  // namespace federated
