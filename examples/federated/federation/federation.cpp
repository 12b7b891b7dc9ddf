#include "federated/federation/federation.hpp"

#include <algorithm>
#include <bit>
#include <ferret/little_endian.hpp>
#include <utility>

#include "federated/federation/client_sampling.hpp"
#include "federated/message/frame_with_parts.hpp"
#include "federated/message/round_message.hpp"
#include "federated/model/weights.hpp"
#include "federated/projection/model_fingerprint.hpp"
#include "federated/round/stopwatch.hpp"
#include "federated/transport/text.hpp"

namespace federated {
namespace {

void write_real(PartsWriter& outcome, double value) {
    outcome.number(std::bit_cast<std::uint64_t>(value));
}

double read_real(PartsReader& outcome) {
    return std::bit_cast<double>(outcome.number<std::uint64_t>());
}

/// What comes back from the process that trained a client. `message` has the update's header.
std::vector<std::byte> encode_outcome(const ClientUpdate& update,
                                      std::span<const std::byte> message) {
    PartsWriter outcome("FEDO", 2);
    outcome.part(message);
    outcome.part(update.kept);
    outcome.part(std::as_bytes(std::span(update.failure)));
    write_real(outcome, update.training_loss);
    write_real(outcome, update.training_seconds);
    write_real(outcome, update.projection_seconds);
    return std::move(outcome).finish();
}

std::string mismatch(const std::string& who, std::uint64_t expected, std::uint64_t got) {
    return who + ": expected the server's model, with fingerprint " + std::to_string(expected) +
           ", got one with " + std::to_string(got);
}

}  // namespace

/// A client of the round.
struct Federation::Task {
    std::size_t position;  // among the round's clients
    std::size_t clients;   // of the round
    Participant participant;
};

Federation::Federation(FederationParts parts, const FederationSettings& settings)
    : parts_(std::move(parts)), settings_(settings) {
    if (settings.clients_per_round == 0 || settings.clients_per_round > parts_.clients.size()) {
        throw std::invalid_argument(
            "federation: expected 1 to " + std::to_string(parts_.clients.size()) +
            " clients per round, got " + std::to_string(settings.clients_per_round));
    }
}

RoundRecord Federation::before(const ProgressObserver& observe) {
    RoundRecord record;
    if (parts_.server == nullptr) return record;
    Stopwatch watch;
    record.metrics = parts_.evaluate(0, observe);
    record.evaluation_seconds = watch.lap();
    return record;
}

RoundRecord Federation::run_round(std::int64_t number, const ProgressObserver& observe) {
    const Round round{
        number, server_rate(settings_.schedule, settings_.server_rate, number, settings_.rounds)};
    RoundRecord record;
    record.round = number;
    record.server_rate = round.server_rate;
    const std::uint64_t moved_before = bytes_moved();
    const std::uint64_t model_before = model_fingerprint(parts_.model.parameters);

    const auto sampled =
        sample_clients(parts_.clients.size(), settings_.clients_per_round, settings_.seed, number);
    const std::size_t rank = parts_.processes.rank();
    const std::size_t groups = parts_.processes.size() / shard_count();
    for (std::size_t first = 0; first < sampled.size(); first += groups) {
        const std::vector<Task> tasks = tasks_of(sampled, first);
        std::vector<std::vector<std::byte>> kept;
        if (parts_.server != nullptr) {
            kept.resize(parts_.processes.size());
            for (std::size_t i = 0; i < kept.size(); ++i) {
                const std::size_t group = i / shard_count();
                if (group >= tasks.size()) continue;
                const auto found = kept_.find(tasks[group].participant.id);
                if (found != kept_.end()) kept[i] = found->second;
            }
        }
        const std::vector<std::byte> own = parts_.processes.scatter(std::move(kept));
        std::vector<std::byte> outcome;
        if (const std::size_t group = rank / shard_count(); group < tasks.size()) {
            outcome = train(tasks[group], own, round, model_before, observe);
        }
        const auto outcomes = parts_.processes.gather(std::move(outcome));
        for (std::size_t i = 0; i < tasks.size() && parts_.server != nullptr; ++i) {
            take_in(tasks[i], outcomes[i * shard_count()], round, model_before, record);
        }
    }

    observe({.phase = Progress::Phase::aggregation, .round = number});
    close(round, model_before, record);
    record.bytes_between_processes = bytes_moved() - moved_before;
    if (parts_.server == nullptr) return record;
    Stopwatch watch;
    record.metrics = parts_.evaluate(number, observe);
    record.evaluation_seconds = watch.lap();
    for (const Metric& finding : parts_.server->findings()) record.metrics.push_back(finding);
    return record;
}

std::vector<Federation::Task> Federation::tasks_of(const std::vector<std::size_t>& sampled,
                                                   std::size_t first) const {
    const std::size_t groups = parts_.processes.size() / shard_count();
    std::vector<Task> tasks;
    for (std::size_t group = 0; group < groups && first + group < sampled.size(); ++group) {
        const std::size_t id = sampled[first + group];
        tasks.push_back({first + group, sampled.size(), {id, parts_.clients[id].examples}});
    }
    return tasks;
}

/// Returns the outcome's bytes; of the processes that share a client, those of the first count.
std::vector<std::byte> Federation::train(const Task& task, std::span<const std::byte> kept,
                                         const Round& round, std::uint64_t model_before,
                                         const ProgressObserver& observe) {
    Progress progress{.phase = Progress::Phase::training,
                      .round = round.number,
                      .client = static_cast<std::int64_t>(task.position) + 1,
                      .clients = static_cast<std::int64_t>(task.clients)};
    const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
        progress.done = step;
        progress.total = steps;
        progress.loss = loss;
        observe(progress);
    };
    const ClientUpdate update = parts_.client.train(task.participant, round, kept, on_step);
    if (parts_.shards != nullptr && parts_.shards->rank() != 0) return {};
    std::vector<std::byte> message;
    if (update.failure.empty()) {
        message = encode(UpdateHeader{number_of(round), task.participant.id, model_before},
                         update.message);
    }
    return encode_outcome(update, message);
}

void Federation::take_in(const Task& task, std::span<const std::byte> bytes, const Round& round,
                         std::uint64_t model_before, RoundRecord& record) {
    PartsReader outcome(bytes, "FEDO", 2, "outcome of a client");
    const std::span<const std::byte> message = outcome.part();
    const std::span<const std::byte> kept = outcome.part();
    ClientRecord client{.name = parts_.clients[task.participant.id].name,
                        .bytes_up = message.size(),
                        .failure = text_of(outcome.part())};
    client.training_loss = read_real(outcome);
    client.training_seconds = read_real(outcome);
    client.projection_seconds = read_real(outcome);
    outcome.expect_end();
    if (!kept.empty()) kept_[task.participant.id].assign(kept.begin(), kept.end());
    record.clients.push_back(client);
    if (!client.failure.empty()) return;

    Stopwatch watch;
    const ReceivedUpdate update = decode_update(message);
    if (update.header.round != number_of(round) || update.header.client != task.participant.id) {
        throw std::runtime_error("message: expected one of client " +
                                 std::to_string(task.participant.id) + " in round " +
                                 std::to_string(round.number) + ", got one of client " +
                                 std::to_string(update.header.client) + " in round " +
                                 std::to_string(update.header.round));
    }
    if (update.header.model_before != model_before) {
        throw ModelsDiffer(
            mismatch("round " + std::to_string(round.number) + ", client " + client.name,
                     model_before, update.header.model_before));
    }
    parts_.server->receive(task.participant, round, update.payload);
    synchronize(parts_.model.parameters);
    record.aggregation_seconds += watch.lap();
}

void Federation::close(const Round& round, std::uint64_t model_before, RoundRecord& record) {
    const auto sent = std::ranges::count_if(
        record.clients, [](const ClientRecord& client) { return client.failure.empty(); });
    if (parts_.server != nullptr && sent == 0) {
        throw AllClientsFailed("round " + std::to_string(round.number) + ": none of its " +
                               std::to_string(record.clients.size()) +
                               " clients has a finite update (" + record.clients.front().name +
                               ": " + record.clients.front().failure +
                               "); a smaller lr or server-lr may help");
    }
    Stopwatch watch;
    std::vector<std::byte> bytes;
    if (parts_.server != nullptr) {
        bytes = encode(BroadcastHeader{round, model_before}, parts_.server->close(round));
    }
    parts_.processes.broadcast(bytes);
    const ReceivedBroadcast broadcast = decode_broadcast(bytes);
    const std::string who = "process " + std::to_string(parts_.processes.rank()) + ", round " +
                            std::to_string(round.number);
    if (broadcast.header.round.number != round.number) {
        throw std::runtime_error(who + ": expected its broadcast, got that of round " +
                                 std::to_string(broadcast.header.round.number));
    }
    if (broadcast.header.model_before != model_before) {
        throw ModelsDiffer(mismatch(who + ", before", broadcast.header.model_before, model_before));
    }
    parts_.client.follow(broadcast.header.round, broadcast.payload);

    // All follow at the same time; what they should have come to is told afterwards.
    const std::uint64_t model_after = model_fingerprint(parts_.model.parameters);
    std::vector<std::byte> seal;
    ferret::append_little_endian(seal, model_after);
    parts_.processes.broadcast(seal);
    const auto expected = ferret::read_little_endian<std::uint64_t>(seal, 0);
    if (model_after != expected) {
        throw ModelsDiffer(mismatch(who + ", after", expected, model_after));
    }
    record.bytes_down = bytes.size() + seal.size();
    record.aggregation_seconds += watch.lap();
}

/// Between all processes and within all their groups, in the server's process.
std::uint64_t Federation::bytes_moved() {
    std::uint64_t moved = parts_.processes.bytes_moved();
    if (parts_.shards == nullptr) return moved;
    std::vector<std::byte> own;
    if (parts_.shards->rank() == 0) {
        ferret::append_little_endian(own, parts_.shards->bytes_moved());
    }
    for (const std::vector<std::byte>& group : parts_.processes.gather(std::move(own))) {
        if (!group.empty()) moved += ferret::read_little_endian<std::uint64_t>(group, 0);
    }
    return moved;
}

std::vector<std::byte> Federation::state() const {
    if (parts_.server == nullptr) return {};
    const std::vector<std::byte> of_client = parts_.client.state();
    const std::vector<std::byte> of_server = parts_.server->state();
    PartsWriter state("FEDT", 2);
    state.part(of_client);
    state.part(of_server);
    state.number(std::uint64_t{kept_.size()});
    for (const auto& [client, kept] : kept_) {
        state.number(client);
        state.part(kept);
    }
    return std::move(state).finish();
}

void Federation::restore(std::span<const std::byte> bytes) {
    PartsReader state(bytes, "FEDT", 2, "state of the federation");
    const std::span<const std::byte> client = state.part();
    const std::span<const std::byte> server = state.part();
    std::map<std::uint64_t, std::vector<std::byte>> all_kept;
    const auto count = state.number<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto id = state.number<std::uint64_t>();
        const std::span<const std::byte> kept = state.part();
        all_kept.emplace(id, std::vector<std::byte>(kept.begin(), kept.end()));
    }
    state.expect_end();
    parts_.client.restore(client);
    if (parts_.server == nullptr) return;
    parts_.server->restore(server);
    kept_ = std::move(all_kept);
}

}  // namespace federated
