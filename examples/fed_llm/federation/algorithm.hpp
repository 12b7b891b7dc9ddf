#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/federated_dataset.hpp"
#include "federation/local_training.hpp"

namespace fed_llm {

/// A round as server and clients know it.
struct Round {
    std::int64_t number = 1;   ///< 1 for the first
    double server_rate = 1.0;  ///< how far the server follows the clients' mean update
};

/// A client of the round.
struct Participant {
    std::uint64_t id = 0;  ///< its place in the data set's list of clients
    const Client& client;
};

/// What a client's part of a round leads to.
struct ClientUpdate {
    std::vector<std::byte> message;  ///< what the client sends; empty if it failed
    std::string failure;             ///< why the client has nothing to send; empty if it has
    double training_loss = 0.0;      ///< mean over the local steps
    double training_seconds = 0.0;
    double projection_seconds = 0.0;  ///< from the trained weights to the message
};

/// A federated tuning algorithm: the client's part, the server's part, and what is sent between.
///
/// One object plays the server and every client in turn. The model is given at construction and
/// holds the round's global weights whenever no member is at work: as every participant computes
/// the same server step, one copy stands for all. A round is: client_update for each participant,
/// receive for each message, then one aggregate. Everything that crosses the network is bytes.
///
/// If a member throws, the model is left as it is, and the object can no longer be used.
class Algorithm {
public:
    virtual ~Algorithm() = default;

    /// The client's part. Starts from the global weights and leaves them behind.
    /// Throws: what `on_step` throws.
    virtual ClientUpdate client_update(const Participant& participant, const Round& round,
                                       const StepObserver& on_step) = 0;

    /// The server takes in one client's message, unchecked until then.
    /// Throws: std::runtime_error for a message no client of this run can have sent.
    virtual void receive(std::span<const std::byte> message) = 0;

    /// The server's step on all messages received since the last aggregate, at least one. The model
    /// then holds the next round's global weights. Returns the bytes a client must receive to have
    /// them too.
    virtual std::size_t aggregate(const Round& round) = 0;

    /// What the algorithm keeps from round to round beside the model's weights, for a checkpoint.
    virtual std::vector<std::byte> state() const { return {}; }

    /// Takes up a state() again, after the model's weights were restored.
    /// Throws: std::runtime_error for a state that is not of this algorithm.
    virtual void restore(std::span<const std::byte> state);
};

}  // namespace fed_llm
