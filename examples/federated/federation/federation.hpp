#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "federated/algorithm/roles.hpp"
#include "federated/federation/server_schedule.hpp"
#include "federated/model/trainable_model.hpp"
#include "federated/round/progress.hpp"
#include "federated/round/round_record.hpp"
#include "federated/transport/transport.hpp"

namespace federated {

/// Thrown when no client of a round has a finite update.
class AllClientsFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Thrown by a process whose model is not the server's.
class ModelsDiffer : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct FederationSettings {
    std::int64_t rounds = 1;
    std::size_t clients_per_round = 1;
    std::uint64_t seed = 0;
    double server_rate = 1.0;
    ServerSchedule schedule = ServerSchedule::constant;
};

/// A client as the federation knows it.
struct ClientInfo {
    std::string name;
    std::size_t examples = 0;
};

/// Measures the model as it is after a round, telling its progress. Throws: what the observer throws.
using Evaluate =
    std::function<std::vector<Metric>(std::int64_t round, const ProgressObserver& observe)>;

/// What a federation is made of, in each of its processes. All that is referred to outlives it.
struct FederationParts {
    TrainableModel& model;
    std::vector<ClientInfo> clients;
    Evaluate evaluate;        ///< called by the server's process only
    ClientAlgorithm& client;  ///< made with `model`
    ServerAlgorithm* server;  ///< of rank 0; null in the others
    Transport& processes;     ///< all of them
    Transport* shards =
        nullptr;  ///< those of `processes` that share each client's update with this one
};

/// The rounds of a federated run. All its processes call the same members in the same order.
///
/// A round's clients are spread over the processes, or over groups of them that share a client's
/// update, one each at a time; the server takes their messages in the order of the clients, whatever
/// the number of processes, and everyone, the server's process too, follows the bytes of its broadcast.
class Federation {
public:
    /// Throws: std::invalid_argument for no clients, or fewer than take part in a round
    Federation(FederationParts parts, const FederationSettings& settings);

    /// Round 0: the model as it is.
    RoundRecord before(const ProgressObserver& observe);

    /// One round: samples clients, trains them, sends, aggregates, evaluates. The record is whole in the
    /// server's process.
    ///
    /// A client whose update is not finite is left out and named in the record.
    /// Throws: AllClientsFailed; ModelsDiffer if the server refuses a client for its model, or a model is
    ///         not the server's after the broadcast; what `observe` throws
    /// Repro:  depends on settings, round number, the model's weights and state(), not on how many
    ///         processes there are, as far as LibTorch computes the same in each
    RoundRecord run_round(std::int64_t number, const ProgressObserver& observe);

    /// What there is beside the model's weights, for a checkpoint: what following keeps, what the server
    /// keeps, and what each client does. Whole in the server's process.
    std::vector<std::byte> state() const;

    /// Takes up a state() again, in every process, after the model's weights were restored.
    /// Throws: std::runtime_error for a state that is not of this algorithm
    void restore(std::span<const std::byte> bytes);

private:
    struct Task;

    std::size_t shard_count() const { return parts_.shards == nullptr ? 1 : parts_.shards->size(); }
    std::vector<Task> tasks_of(const std::vector<std::size_t>& sampled, std::size_t first) const;
    std::vector<std::byte> train(const Task& task, std::span<const std::byte> kept,
                                 const Round& round, std::uint64_t model_before,
                                 const ProgressObserver& observe);
    void take_in(const Task& task, std::span<const std::byte> bytes, const Round& round,
                 std::uint64_t model_before, RoundRecord& record);
    void close(const Round& round, std::uint64_t model_before, RoundRecord& record);
    std::uint64_t bytes_moved();

    FederationParts parts_;
    FederationSettings settings_;
    std::map<std::uint64_t, std::vector<std::byte>>
        kept_;  // by the clients, in the server's process
};

}  // namespace federated
