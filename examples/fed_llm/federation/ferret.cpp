#include "federation/ferret.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace fed_llm {
namespace {

/// The mean of sketches over the same bases; nothing if their bases differ.
std::optional<ferret::Sketch> mean_sketch(std::span<const ferret::Sketch> sketches) {
    if (!ferret::can_add(sketches)) return std::nullopt;
    ferret::Sketch mean = ferret::sum(sketches);
    mean.scale(1.0f / static_cast<float>(sketches.size()));
    return mean;
}

}  // namespace

SeedSharing parse_seed_sharing(std::string_view name) {
    if (name == "shared") return SeedSharing::shared;
    if (name == "per-client") return SeedSharing::per_client;
    throw std::invalid_argument("seeds: expected shared or per-client, got '" + std::string(name) +
                                "'");
}

SeedRefresh parse_seed_refresh(std::string_view name) {
    if (name == "round") return SeedRefresh::each_round;
    if (name == "fixed") return SeedRefresh::fixed;
    throw std::invalid_argument("seed-refresh: expected round or fixed, got '" + std::string(name) +
                                "'");
}

Ferret::Ferret(TrainableModel& model, const LocalTraining& training, std::uint64_t seed,
               FerretSettings settings)
    : model_(model),
      client_(model, first_order_trainer(training), seed),
      seed_(seed),
      settings_(std::move(settings)),
      project_(settings_.layout, settings_.basis, settings_.budget),
      reconstruct_(settings_.layout, settings_.basis) {}

ferret::Seed Ferret::shared_seed(const Round& round) const {
    const bool fixed = settings_.refresh == SeedRefresh::fixed;
    return {seed_, fixed ? 0 : static_cast<std::uint64_t>(round.number)};
}

ferret::Seed Ferret::seed_of(const Participant& participant, const Round& round) const {
    const ferret::Seed seed = shared_seed(round);
    return settings_.sharing == SeedSharing::shared ? seed : seed.derive(participant.id);
}

ClientUpdate Ferret::client_update(const Participant& participant, const Round& round,
                                   const StepObserver& on_step) {
    const auto make_message = [&](const Weights& before) {
        const ferret::Sketch sketch =
            project_(before, model_.parameters, seed_of(participant, round));
        return ferret::encode(sketch, settings_.format);
    };
    return client_(participant, round, make_message, on_step);
}

void Ferret::receive(std::span<const std::byte> message) {
    ferret::Sketch sketch = ferret::decode(message);
    ferret::check_sketch(sketch, settings_.layout);
    if (sketch.basis != ferret::basis_id(settings_.basis)) {
        throw ferret::SketchMismatch("Ferret message: expected basis " +
                                     std::string(ferret::basis_name(settings_.basis)) + ", got " +
                                     std::string(ferret::basis_name(sketch.basis)));
    }
    const std::uint64_t budget = ferret::total_of(settings_.budget);
    if (sketch.coordinates.size() != budget) {
        throw ferret::SketchMismatch("Ferret message: expected " + std::to_string(budget) +
                                     " coordinates, got " +
                                     std::to_string(sketch.coordinates.size()));
    }
    received_.push_back(std::move(sketch));
    received_bytes_ += message.size();
}

std::size_t Ferret::aggregate(const Round& round) {
    if (received_.empty()) throw std::logic_error("Ferret: aggregate needs at least one message");
    for (const ferret::Sketch& sketch : received_) {
        if (settings_.sharing == SeedSharing::shared && sketch.seed != shared_seed(round)) {
            throw ferret::SketchMismatch("Ferret message: expected the seed that round " +
                                         std::to_string(round.number) + " shares, got another");
        }
    }
    std::size_t bytes_down = received_bytes_;
    if (const auto mean = mean_sketch(received_)) {
        const std::vector<std::byte> broadcast = ferret::encode(*mean, settings_.format);
        bytes_down = broadcast.size();
        reconstruct_(ferret::decode(broadcast), model_.parameters,
                     -static_cast<float>(round.server_rate));
    } else {
        const double scale = -round.server_rate / static_cast<double>(received_.size());
        reconstruct_(std::span<const ferret::Sketch>(received_), model_.parameters,
                     static_cast<float>(scale));
    }
    received_.clear();
    received_bytes_ = 0;
    return bytes_down;
}

}  // namespace fed_llm
