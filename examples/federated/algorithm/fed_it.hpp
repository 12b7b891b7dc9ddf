#pragma once

#include <cstdint>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/model/lora.hpp"

namespace federated {

/// FedIT: clients tune low-rank adapters on the attention projections; only these travel and are
/// averaged, as in FedAvg, A and B each for itself. The model's own parameters stay as they are. The
/// server's part is FedAvgServer, over the adapters.
///
/// Math:   A and B of LoraAdapters in the place of FedAvg's parameters; FedIT trains with Adam,
///         FedIT-SGD with SGD
/// Cost:   up and down, rank (in + out) numbers a projection; memory: one copy of the projections
/// Source: Zhang et al., ICASSP 2024, arXiv 2305.05644
class FedItClient : public ClientAlgorithm {
public:
    /// `model` outlives this object and holds the weights to adapt.
    /// Throws: std::invalid_argument as LoraAdapters
    FedItClient(TrainableModel& model, const LocalTraining& training, const LoraSettings& lora,
                std::uint64_t seed);

    FedItClient(const FedItClient&) = delete;
    FedItClient& operator=(const FedItClient&) = delete;

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

    const LoraAdapters& adapters() const { return adapters_; }

private:
    LoraAdapters adapters_;
    TrainableModel tuned_;  // the adapters, in the model's place
    FedAvgClient fed_avg_;
};

extern const AlgorithmEntry fed_it_entry;
extern const AlgorithmEntry fed_it_sgd_entry;

}  // namespace federated
