#pragma once

#include <cstdint>

#include "federation/fed_avg.hpp"
#include "model/lora.hpp"

namespace fed_llm {

/// FedIT: clients tune low-rank adapters on the attention projections; only these travel and are
/// averaged, as in FedAvg, A and B each for itself. The model's own parameters stay as they are.
///
/// Math:   A and B of LoraAdapters in the place of FedAvg's parameters; FedIT trains with Adam,
///         FedIT-SGD with SGD
/// Cost:   up and down, rank (in + out) numbers a projection; memory: one copy of the projections
/// Source: Zhang et al., ICASSP 2024, arXiv 2305.05644
class FedIt : public Algorithm {
public:
    /// `model` outlives this object and holds the weights to adapt.
    /// Throws: std::invalid_argument as LoraAdapters
    FedIt(TrainableModel& model, const LocalTraining& training, const LoraSettings& lora,
          std::uint64_t seed);

    FedIt(const FedIt&) = delete;
    FedIt& operator=(const FedIt&) = delete;

    ClientUpdate client_update(const Participant& participant, const Round& round,
                               const StepObserver& on_step) override;
    void receive(std::span<const std::byte> message) override;
    std::size_t aggregate(const Round& round) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

    const LoraAdapters& adapters() const { return adapters_; }

private:
    LoraAdapters adapters_;
    TrainableModel tuned_;  // the adapters, in the model's place
    FedAvg fed_avg_;
};

}  // namespace fed_llm
