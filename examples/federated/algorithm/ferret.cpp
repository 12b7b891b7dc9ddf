#include "federated/algorithm/ferret.hpp"

#include <ferret/protocol/plan_check.hpp>
#include <ferret/wire/frame.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/model/model_layout.hpp"

namespace federated {
namespace {

// The broadcast: how many sketches there are, and each as ferret::encode wrote it. The model follows
// their mean.

std::vector<std::byte> encode_sketches(std::span<const std::vector<std::byte>> sketches) {
    ferret::FrameWriter frame("FEDS", 1);
    frame.number(std::uint64_t{sketches.size()});
    for (const std::vector<std::byte>& sketch : sketches) frame.bytes(sketch);
    return std::move(frame).finish();
}

std::vector<ferret::Sketch> decode_sketches(std::span<const std::byte> broadcast) {
    ferret::FrameReader frame(broadcast, "FEDS", 1, "Ferret broadcast");
    const auto count = frame.number<std::uint64_t>();
    std::vector<ferret::Sketch> sketches;
    for (std::uint64_t i = 0; i < count; ++i) sketches.push_back(ferret::decode(frame.bytes()));
    frame.expect_end();
    if (sketches.empty()) {
        throw std::runtime_error("Ferret broadcast: expected a sketch, got none");
    }
    return sketches;
}

}  // namespace

ferret::Plan ferret_plan(const AlgorithmOptions& options, const TrainableModel& model) {
    const ferret::CoordinateFormat format =
        choose(coordinate_formats, "coordinates", options.coordinates);
    return {.layout = make_layout(model, options),
            .basis = ferret::parse_basis(options.basis),
            .budget = ferret::parse_budget_rule(options.budget_rule,
                                                static_cast<std::uint64_t>(options.budget)),
            .seed = options.seed,
            .sharing = choose(seed_sharings, "seeds", options.seeds),
            .refresh = choose(seed_refreshes, "seed-refresh", options.seed_refresh),
            .up = format,
            .down = format};
}

std::vector<std::uint32_t> expected_bases(const ferret::BudgetRule& rule,
                                          const ferret::Layout& layout) {
    std::vector<double> squared_norms;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        squared_norms.push_back(static_cast<double>(layout.block_size(block)));
    }
    return ferret::allocate(rule, layout, squared_norms);
}

FerretClient::FerretClient(TrainableModel& model, LocalTrainer train, ferret::Plan plan,
                           Transport* shards)
    : model_(model),
      plan_(std::move(plan)),
      project_(plan_.layout, plan_.basis, plan_.budget),
      reconstruct_(plan_.layout, plan_.basis),
      sharded_(shards == nullptr
                   ? std::nullopt
                   : std::optional<ShardedProjection>(std::in_place, plan_.layout, plan_.basis,
                                                      plan_.budget, *shards)),
      client_(model, checked(std::move(train)), plan_.seed) {}

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
        const ferret::Seed seed = plan_.seed_of(number_of(round), participant.id);
        if (!sharded_) return ferret::encode(project_(before, model_.parameters, seed), plan_.up);
        // The first of the processes that share the client sends for all of them.
        const auto sketch = sharded_->project(before, model_.parameters, seed);
        return sketch ? ferret::encode(*sketch, plan_.up) : std::vector<std::byte>();
    };
    return client_(participant, round, make_message, on_step);
}

void FerretClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    const std::vector<ferret::Sketch> sketches = decode_sketches(broadcast);
    const double scale = -round.server_rate / static_cast<double>(sketches.size());
    if (sharded_) {
        sharded_->rebuild(sketches, model_.parameters, static_cast<float>(scale));
    } else {
        reconstruct_(sketches, model_.parameters, static_cast<float>(scale));
    }
}

FerretServer::FerretServer(ferret::Plan plan)
    : plan_(std::move(plan)), planned_bases_(ferret::planned_bases(plan_)) {}

void FerretServer::receive(const Participant& participant, const Round& round,
                           std::span<const std::byte> message) {
    ferret::Sketch sketch = ferret::decode(message);
    ferret::check_against(plan_, planned_bases_, sketch, number_of(round), participant.id,
                          "Ferret message");
    received_.push_back(std::move(sketch));
    messages_.emplace_back(message.begin(), message.end());
}

std::vector<std::byte> FerretServer::close(const Round&) {
    expect_messages(received_.size(), "Ferret");
    std::vector<std::byte> broadcast;
    if (ferret::can_add(received_)) {
        ferret::Sketch mean = ferret::sum(std::span<const ferret::Sketch>(received_));
        mean.scale(1.0f / static_cast<float>(received_.size()));
        const std::vector<std::byte> bytes = ferret::encode(mean, plan_.down);
        broadcast = encode_sketches(std::span(&bytes, 1));
    } else {
        broadcast = encode_sketches(messages_);
    }
    received_.clear();
    messages_.clear();
    return broadcast;
}

namespace {

constexpr std::string_view options_read[] = {"optimizer", "basis",       "budget",
                                             "layout",    "blocks",      "budget-rule",
                                             "seeds",     "coordinates", "seed-refresh"};

Traffic traffic_of(const AlgorithmOptions& options, const TrainableModel& model,
                   std::size_t clients) {
    const ferret::Plan plan = ferret_plan(options, model);
    ferret::Sketch sketch;
    sketch.bases_per_block = expected_bases(plan.budget, plan.layout);
    sketch.coordinates.assign(ferret::total_of(plan.budget), 0.0f);
    const std::vector<std::byte> message = ferret::encode(sketch, plan.up);
    const bool shared = plan.sharing == ferret::SeedSharing::shared;
    // Sketches add where all clients share bases. Where each spreads the budget its own way, the
    // sum has the most bases that any client gave a block, and SparseSign's cannot be added.
    const bool same_bases = !ferret::depends_on_update(plan.budget);
    const bool adds = shared && (same_bases || !ferret::is_sparse(plan.basis));
    const std::vector<std::vector<std::byte>> down(adds ? 1 : clients, message);
    return {static_cast<double>(message.size()), static_cast<double>(encode_sketches(down).size()),
            !adds || same_bases || clients == 1};
}

/// Math:   The rebuilt update has, beside the mean update itself, noise of n = d / (K m) times its
///         energy, in all directions alike; m is the number of active clients where each has bases of
///         its own, 1 where they share them. A step s along it lowers a loss with Hessian H most at
///         s = 1 / (1 + c n), where c is the ratio of H's mean eigenvalue to its curvature along the
///         update. c = 0.01 is what the sweep of docs/reproduction.md found. The other algorithms'
///         updates have no noise of this kind, or, for ferret-public, the public code's scale: rate 1.
double rate_of(const AlgorithmOptions& options, std::int64_t parameters, std::size_t clients) {
    constexpr double curvature_ratio = 0.01;
    const bool own_bases =
        choose(seed_sharings, "seeds", options.seeds) == ferret::SeedSharing::per_client;
    const double averaged = own_bases ? static_cast<double>(clients) : 1.0;
    const double noise =
        static_cast<double>(parameters) / (static_cast<double>(options.budget) * averaged);
    return 1.0 / (1.0 + curvature_ratio * noise);
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
    .server_rate = rate_of};

}  // namespace federated
