#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "federated/algorithm/training_client.hpp"
#include "federated/model/weights.hpp"

namespace federated {

/// The elements of a contiguous float32 tensor on the processor.
std::span<float> elements(const torch::Tensor& flat);

/// before - after, end to end, as float32 on the processor.
torch::Tensor flat_delta(const Weights& before, const Weights& after);

/// Makes a message of what is meant, and leaves in `meant` what the message does not say. Throws:
/// ferret::NonFinite before it touches `meant`
using SaySome = std::function<std::vector<std::byte>(std::span<float> meant)>;

/// What messages left unsaid so far, a number for each parameter: it is added to what the next one means
/// (error feedback).
///
/// Math:   a = e + u; the message says s(a); e <- a - s(a), so that sums of messages stray from sums of
///         updates by no more than one e
/// Cost:   4 bytes a parameter, from the first message on
/// Source: Seide et al., Interspeech 2014; Stich et al., NeurIPS 2018, arXiv 1809.07599
class Residual {
public:
    /// `name` begins the messages of errors.
    Residual(std::uint64_t parameters, std::string name);

    /// The message for `update`, a flat tensor that becomes the residual.
    /// Throws: ferret::NonFinite where update and residual are not finite together; the residual is then as
    ///         before
    std::vector<std::byte> send(torch::Tensor update, const SaySome& say);

    /// The residual as FEDTENS1, for the next round or a checkpoint; empty if nothing was sent yet.
    std::vector<std::byte> state() const;

    /// Throws: std::runtime_error for a state that is not of as many parameters
    void restore(std::span<const std::byte> state);

private:
    std::uint64_t parameters_;
    std::string name_;
    torch::Tensor rest_;
};

/// A client's round with error feedback: `kept` and ClientUpdate::kept are its residual. A client that fails
/// keeps what it owes.
/// Throws: as ClientAlgorithm::train
ClientUpdate train_with_feedback(TrainingClient& client, const TrainableModel& model,
                                 const Participant& participant, const Round& round,
                                 Residual residual, std::span<const std::byte> kept,
                                 const StepObserver& on_step, const SaySome& say);

}  // namespace federated
