#include "federated/algorithm/ferret.hpp"

#include <bit>
#include <ferret/little_endian.hpp>
#include <ferret/protocol/plan_check.hpp>
#include <ferret/wire.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/ferret_broadcast.hpp"
#include "federated/algorithm/memory_parts.hpp"

namespace federated {
namespace {

std::vector<std::byte> encode_sharing(ferret::SeedSharing sharing) {
    return {
        std::byte{sharing == ferret::SeedSharing::per_client ? std::uint8_t{1} : std::uint8_t{0}}};
}

/// Throws: std::runtime_error for what encode_sharing has not written
ferret::SeedSharing decode_sharing(std::span<const std::byte> bytes) {
    if (bytes.size() != 1 || std::to_integer<int>(bytes[0]) > 1) {
        throw std::runtime_error("Ferret state: expected whether bases are shared, got " +
                                 std::to_string(bytes.size()) + " bytes of something else");
    }
    return std::to_integer<int>(bytes[0]) == 1 ? ferret::SeedSharing::per_client
                                               : ferret::SeedSharing::shared;
}

/// Numbers of the server's state: whether bases are shared, and the unlikeness.
constexpr std::size_t server_state_size = 1 + 8;

}  // namespace

FerretClient::FerretClient(TrainableModel& model, LocalTrainer train, FerretPlan plan,
                           Transport* shards)
    : model_(model),
      plan_(std::move(plan)),
      project_(plan_.sketch.layout, plan_.sketch.basis, plan_.sketch.budget),
      reconstruct_(plan_.sketch.layout, plan_.sketch.basis),
      sharded_(shards == nullptr ? std::nullopt
                                 : std::optional<ShardedProjection>(
                                       std::in_place, plan_.sketch.layout, plan_.sketch.basis,
                                       plan_.sketch.budget, *shards)),
      client_(model, checked(std::move(train)), plan_.sketch.seed) {}

/// The same training; processes that share a client make sure that they came to the same weights.
LocalTrainer FerretClient::checked(LocalTrainer train) const {
    if (!sharded_) return train;
    return [train = std::move(train), sharded = *sharded_](
               TrainableModel& model, const Participant& participant, const Round& round,
               DataOrder order, const StepObserver& on_step) {
        LocalResult result = train(model, participant, round, std::move(order), on_step);
        sharded.expect_alike(result.finite, model.parameters);
        return result;
    };
}

ClientUpdate FerretClient::train(const Participant& participant, const Round& round,
                                 std::span<const std::byte> kept, const StepObserver& on_step) {
    expect_no_state(kept);
    const auto make_message = [&](const Weights& before) {
        const ferret::Seed seed = plan_.sketch.seed_of(number_of(round), participant.id);
        const std::uint32_t rotation = ferret::rotation_of(participant.id);
        if (!sharded_) {
            return ferret::encode(project_(before, model_.parameters, seed), plan_.sketch.up,
                                  rotation);
        }
        // The first of the processes that share the client sends for all of them.
        const auto sketch = sharded_->project(before, model_.parameters, seed);
        return sketch ? ferret::encode(*sketch, plan_.sketch.up, rotation)
                      : std::vector<std::byte>();
    };
    return client_(participant, round, make_message, on_step);
}

void FerretClient::follow(const Round& round, std::span<const std::byte> bytes) {
    const FerretBroadcast broadcast = decode_ferret_broadcast(bytes);
    const ferret::CoordinateFormat format =
        broadcast.clients_own ? plan_.sketch.up : plan_.sketch.down;
    std::vector<ferret::Sketch> sketches;
    for (const std::vector<std::byte>& sketch : broadcast.sketches) {
        sketches.push_back(ferret::decode(sketch, format));
    }
    const double scale =
        -round.server_rate * broadcast.damping / static_cast<double>(sketches.size());
    if (sharded_) {
        sharded_->rebuild(sketches, model_.parameters, static_cast<float>(scale));
    } else {
        reconstruct_(sketches, model_.parameters, static_cast<float>(scale));
    }
    plan_.sketch.sharing = broadcast.next;
}

std::vector<std::byte> FerretClient::state() const {
    return encode_sharing(plan_.sketch.sharing);
}

void FerretClient::restore(std::span<const std::byte> state) {
    plan_.sketch.sharing = decode_sharing(state);
}

FerretServer::FerretServer(FerretPlan plan)
    : plan_(std::move(plan)), planned_bases_(ferret::planned_bases(plan_.sketch)) {}

void FerretServer::receive(const Participant& participant, const Round& round,
                           std::span<const std::byte> message) {
    ferret::Sketch sketch = ferret::decode(message, plan_.sketch.up);
    ferret::check_against(plan_.sketch, planned_bases_, sketch, number_of(round), participant.id,
                          "Ferret message");
    received_.push_back(std::move(sketch));
    if (plan_.broadcast == BroadcastKind::sketches) {
        messages_.emplace_back(message.begin(), message.end());
    }
}

/// The sketch of the clients' rebuilt mean, on bases that all share.
ferret::Sketch FerretServer::sketch_again(const Round& round,
                                          ferret::UpdateEnergies& energies) const {
    const ferret::Layout& layout = plan_.sketch.layout;
    Weights mean;
    for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor) {
        mean.push_back(torch::zeros({static_cast<std::int64_t>(layout.tensor_size(tensor))}));
    }
    const auto clients = static_cast<float>(received_.size());
    Reconstructor(layout, plan_.sketch.basis)(received_, mean, 1.0f / clients);
    const Projector project(layout, plan_.sketch.basis, plan_.budget_down);
    double energy = 0.0;
    for (const double block : project.shard_squared_norms(mean, ferret::Shard::all(layout))) {
        energy += block;
    }
    energies.of_mean = energy_of_rebuilt_mean(energies, energy, received_.size(),
                                              ferret::normal_noise(plan_.sketch.up));
    return project(mean, plan_.sketch.common_seed(number_of(round)));
}

std::vector<std::byte> FerretServer::close(const Round& round) {
    expect_messages(received_.size(), "Ferret");
    const std::size_t count = received_.size();
    const ferret::Plan& sketch = plan_.sketch;
    const double rounding = ferret::normal_noise(sketch.up);
    ferret::UpdateEnergies energies =
        client_energies(received_, sketch.layout, sketch.basis, rounding);

    FerretBroadcast broadcast;
    if (ferret::can_add(received_)) {
        ferret::Sketch mean = ferret::sum(std::span<const ferret::Sketch>(received_));
        mean.scale(1.0f / static_cast<float>(count));
        energies.of_mean = energy_of_mean_sketch(
            energies, update_energy(mean, sketch.layout, sketch.basis, 0.0), count, rounding);
        broadcast.sketches.push_back(ferret::encode(mean, sketch.down));
    } else if (plan_.broadcast == BroadcastKind::mean) {
        broadcast.sketches.push_back(ferret::encode(sketch_again(round, energies), sketch.down));
    } else {
        broadcast.clients_own = true;
        broadcast.sketches = messages_;
    }

    // The clients' own sketches do not tell the mean's energy: then as if they were alike.
    ferret::SketchSetting setting = sketch_setting(plan_, count, 1.0);
    if (!broadcast.clients_own) {
        // Half of it from the rounds before, whose clients were others.
        const double found = unlikeness_of(energies, count);
        unlikeness_ = unlikeness_ == 0.0 ? found : 0.5 * (unlikeness_ + found);
        setting.unlikeness = unlikeness_;
    }
    setting.per_coordinate = energies.per_coordinate;
    const double noise = noise_of(plan_, sketch.sharing, setting);
    broadcast.damping =
        plan_.damped ? ferret::damping_of(noise, sketch.layout.element_count()) : 1.0;
    broadcast.next = next_bases(setting);
    findings_ = {{"unlikeness", setting.unlikeness},
                 {"noise", noise},
                 {"damping", broadcast.damping},
                 {"own_bases", sketch.sharing == ferret::SeedSharing::per_client ? 1.0 : 0.0}};
    plan_.sketch.sharing = broadcast.next;
    received_.clear();
    messages_.clear();
    return encode(broadcast);
}

/// The bases of the next round, whose clients are taken to be as unlike as those so far.
ferret::SeedSharing FerretServer::next_bases(const ferret::SketchSetting& setting) const {
    if (plan_.bases != BasesChoice::automatic) return plan_.sketch.sharing;
    constexpr auto shared = ferret::SeedSharing::shared;
    constexpr auto own = ferret::SeedSharing::per_client;
    return noise_of(plan_, own, setting) < noise_of(plan_, shared, setting) ? own : shared;
}

std::vector<Metric> FerretServer::findings() const {
    return findings_;
}

std::vector<std::byte> FerretServer::state() const {
    std::vector<std::byte> state = encode_sharing(plan_.sketch.sharing);
    ferret::append_little_endian(state, std::bit_cast<std::uint64_t>(unlikeness_));
    return state;
}

void FerretServer::restore(std::span<const std::byte> state) {
    if (state.size() != server_state_size) {
        throw std::runtime_error("Ferret state: expected " + std::to_string(server_state_size) +
                                 " bytes, got " + std::to_string(state.size()));
    }
    plan_.sketch.sharing = decode_sharing(state.first(1));
    unlikeness_ = std::bit_cast<double>(ferret::read_little_endian<std::uint64_t>(state, 1));
}

namespace {

constexpr std::string_view options_read[] = {
    "optimizer", "bytes",  "bytes-down",  "basis", "budget",    "budget-down",      "budget-rule",
    "layout",    "blocks", "coordinates", "seeds", "broadcast", "coordinates-down", "seed-refresh"};

Traffic traffic_of(const AlgorithmOptions& options, const TrainableModel& model,
                   std::size_t clients) {
    const FerretPlan plan = ferret_plan(options, model);
    const auto bytes_down = [&](ferret::SeedSharing sharing) {
        return static_cast<double>(ferret_broadcast_size(plan, sharing, clients));
    };
    // Where each spreads the budget its own way, the sum has the most bases that any client gave a block.
    const bool same_bases = !ferret::depends_on_update(plan.sketch.budget);
    const bool one_size =
        plan.bases != BasesChoice::automatic ||
        bytes_down(ferret::SeedSharing::shared) == bytes_down(ferret::SeedSharing::per_client);
    return {static_cast<double>(ferret_message_size(plan)), bytes_down(plan.sketch.sharing),
            one_size && (same_bases || clients == 1)};
}

}  // namespace

constinit const AlgorithmEntry ferret_entry{
    .name = "ferret",
    .summary = "the update's coordinates on random bases",
    .options = options_read,
    .shards = true,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport* shards) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<FerretClient>(model, first_order_trainer(local_training(options)),
                                              ferret_plan(options, model), shards);
    },
    .make_server = [](const AlgorithmOptions& options,
                      const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
        return std::make_unique<FerretServer>(ferret_plan(options, model));
    },
    .traffic = traffic_of,
    .memory = [](const AlgorithmOptions& options, const TrainableModel& model,
                 std::size_t) { return first_order_memory(options, model.parameters); },
    .complete = complete_ferret_options};

}  // namespace federated
