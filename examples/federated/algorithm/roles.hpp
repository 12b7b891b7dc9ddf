#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federated/round/metric.hpp"
#include "federated/round/round.hpp"

namespace federated {

/// Called after each local step with the number of steps done, of all steps, and the step's loss.
/// What it throws ends the training.
using StepObserver = std::function<void(std::int64_t step, std::int64_t steps, double loss)>;

/// What a client's part of a round leads to.
struct ClientUpdate {
    std::vector<std::byte> message;  ///< what the client sends; empty if it failed
    std::vector<std::byte> kept;     ///< what it keeps for the next round that it takes part in
    std::string failure;             ///< why the client has nothing to send; empty if it has
    double training_loss = 0.0;      ///< mean over the local steps
    double training_seconds = 0.0;
    double projection_seconds = 0.0;  ///< from the trained weights to the message
};

/// Throws: std::runtime_error unless `state` is empty: what a role that keeps nothing restores
void expect_no_state(std::span<const std::byte> state);

/// What ServerAlgorithm::close asks for first. Throws: std::logic_error for no messages
void expect_messages(std::size_t received, std::string_view algorithm);

/// The client's part of an algorithm, and of everyone who keeps the round's model, the server too.
///
/// The model is given at construction and holds the round's weights whenever no member is at work. If a
/// member throws, the object and its model can no longer be used.
class ClientAlgorithm {
public:
    virtual ~ClientAlgorithm() = default;

    /// One client's round: starts from the round's weights and leaves them behind. `kept` is what the
    /// client's last update kept; empty in its first round.
    /// Throws: what `on_step` throws; std::runtime_error for a `kept` that is not of this algorithm
    virtual ClientUpdate train(const Participant& participant, const Round& round,
                               std::span<const std::byte> kept, const StepObserver& on_step) = 0;

    /// Brings the model to the next round by the bytes that the server sends to all.
    /// Throws: std::runtime_error for bytes that no server of this run can have sent
    /// Repro:  the same bits for everyone who followed the same broadcasts
    virtual void follow(const Round& round, std::span<const std::byte> broadcast) = 0;

    /// What following keeps from round to round beside the model's weights, for a checkpoint.
    virtual std::vector<std::byte> state() const { return {}; }

    /// Takes up a state() again, after the model's weights were restored.
    /// Throws: std::runtime_error for a state that is not of this algorithm
    virtual void restore(std::span<const std::byte> state) { expect_no_state(state); }
};

/// The server's part of an algorithm. It holds no model: it follows its own broadcasts as everyone else
/// does.
class ServerAlgorithm {
public:
    virtual ~ServerAlgorithm() = default;

    /// Takes in one client's message, unchecked until then.
    /// Throws: std::runtime_error for a message that this client cannot have sent in this round
    virtual void receive(const Participant& participant, const Round& round,
                         std::span<const std::byte> message) = 0;

    /// Ends the round: what all messages since the last one, at least one, come to, for everyone to follow.
    virtual std::vector<std::byte> close(const Round& round) = 0;

    /// What the last close found out about the round, for its record.
    virtual std::vector<Metric> findings() const { return {}; }

    /// What the server keeps from round to round, for a checkpoint.
    virtual std::vector<std::byte> state() const { return {}; }

    /// Throws: std::runtime_error for a state that is not of this algorithm
    virtual void restore(std::span<const std::byte> state) { expect_no_state(state); }
};

}  // namespace federated
