#include "federated/algorithm/ferret_plan.hpp"

#include <algorithm>
#include <ferret/error.hpp>
#include <ferret/wire.hpp>
#include <ferret/wire/most_coordinates.hpp>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/ferret_broadcast.hpp"
#include "federated/model/model_layout.hpp"

namespace federated {
namespace {

using Format = ferret::CoordinateFormat;

/// The formats that an option leaves open, those of fewer bits first.
std::vector<Format> formats_of(const std::string& option, const std::string& name) {
    std::vector<Format> formats;
    std::string known;
    for (const auto& [format_name, format] : ferret::coordinate_format_names) {
        known += " " + std::string(format_name);
        if (name == automatic || name == format_name) formats.push_back(format);
    }
    if (formats.empty()) {
        throw std::invalid_argument(option + ": expected auto or one of" + known + ", got '" +
                                    name + "'");
    }
    return formats;
}

}  // namespace

FerretPlan ferret_plan(const AlgorithmOptions& options, const TrainableModel& model) {
    const BasesChoice bases = choose(bases_choices, "seeds", options.seeds);
    const auto budget = static_cast<std::uint64_t>(options.budget);
    const auto budget_down =
        static_cast<std::uint64_t>(options.budget_down > 0 ? options.budget_down : options.budget);
    return {.sketch = {.layout = make_layout(model, options),
                       .basis = options.basis == automatic ? ferret::SparseSign{}
                                                           : ferret::parse_basis(options.basis),
                       .budget = ferret::parse_budget_rule(options.budget_rule, budget),
                       .seed = options.seed,
                       .sharing = bases == BasesChoice::per_client ? ferret::SeedSharing::per_client
                                                                   : ferret::SeedSharing::shared,
                       .refresh = choose(seed_refreshes, "seed-refresh", options.seed_refresh),
                       .up = formats_of("coordinates", options.coordinates).front(),
                       .down = formats_of("coordinates-down", options.coordinates_down).front()},
            .bases = bases,
            .broadcast = choose(broadcast_kinds, "broadcast", options.broadcast),
            .budget_down = ferret::parse_budget_rule(options.budget_rule, budget_down),
            .damped = options.server_lr == 0.0};
}

bool adds_up(const FerretPlan& plan, ferret::SeedSharing sharing) {
    return sharing == ferret::SeedSharing::shared &&
           !(ferret::depends_on_update(plan.sketch.budget) && ferret::is_sparse(plan.sketch.basis));
}

std::uint64_t ferret_message_size(const FerretPlan& plan) {
    return ferret::encoded_size(expected_bases(plan.sketch.budget, plan.sketch.layout),
                                plan.sketch.up);
}

std::uint64_t ferret_broadcast_size(const FerretPlan& plan, ferret::SeedSharing sharing,
                                    std::size_t clients) {
    const ferret::Layout& layout = plan.sketch.layout;
    if (adds_up(plan, sharing)) {
        const auto bases = expected_bases(plan.sketch.budget, layout);
        return broadcast_size(1, ferret::encoded_size(bases, plan.sketch.down));
    }
    if (plan.broadcast == BroadcastKind::sketches)
        return broadcast_size(clients, ferret_message_size(plan));
    return broadcast_size(
        1, ferret::encoded_size(expected_bases(plan.budget_down, layout), plan.sketch.down));
}

ferret::SketchSetting sketch_setting(const FerretPlan& plan, std::size_t clients,
                                     double unlikeness) {
    const auto elements = static_cast<double>(plan.sketch.layout.element_count());
    return {
        .per_coordinate = elements / static_cast<double>(ferret::total_of(plan.sketch.budget)),
        .per_coordinate_down = elements / static_cast<double>(ferret::total_of(plan.budget_down)),
        .clients = clients,
        .rounding_up = ferret::normal_noise(plan.sketch.up),
        .rounding_down = ferret::normal_noise(plan.sketch.down),
        .unlikeness = unlikeness};
}

double noise_of(const FerretPlan& plan, ferret::SeedSharing sharing,
                const ferret::SketchSetting& setting) {
    if (adds_up(plan, sharing)) return noise_of_shared_bases(setting);
    return plan.broadcast == BroadcastKind::sketches ? noise_of_own_bases(setting)
                                                     : noise_of_second_sketch(setting);
}

namespace {

/// Of the formats those in which `bytes` bytes have room for coordinates, and for how many.
std::vector<std::pair<Format, std::uint64_t>> rooms_of(std::span<const Format> formats,
                                                       const AlgorithmOptions& options,
                                                       const ferret::Layout& layout,
                                                       std::uint64_t bytes) {
    std::vector<std::pair<Format, std::uint64_t>> rooms;
    for (const Format format : formats) {
        const auto most = ferret::most_coordinates(options.budget_rule, layout, format, bytes);
        if (most) rooms.emplace_back(format, *most);
    }
    return rooms;
}

/// The least noise of like clients with the bases that the plan may have, in their order, as far as the
/// broadcast has room; infinite if it has none.
double least_noise(const FerretPlan& plan, std::size_t clients, double bytes_down) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto sharing : {ferret::SeedSharing::shared, ferret::SeedSharing::per_client}) {
        if (plan.bases != BasesChoice::automatic && sharing != plan.sketch.sharing) continue;
        const bool has_room =
            plan.broadcast == BroadcastKind::sketches ||
            static_cast<double>(ferret_broadcast_size(plan, sharing, clients)) <= bytes_down;
        if (!has_room) break;
        least = (std::min)(least, noise_of(plan, sharing, sketch_setting(plan, clients, 1.0)));
    }
    return least;
}

}  // namespace

AlgorithmOptions complete_ferret_options(const AlgorithmOptions& options,
                                         const TrainableModel& model, std::size_t clients,
                                         double bytes_up, double bytes_down) {
    const std::vector<Format> all_up = formats_of("coordinates", options.coordinates);
    const std::vector<Format> all_down = formats_of("coordinates-down", options.coordinates_down);
    AlgorithmOptions base = options;
    if (options.basis == automatic) base.basis = ferret::SparseSign::name;
    if (options.layout == automatic) base.layout = name_of(layouts, LayoutKind::uniform);
    const auto with_formats = [&](Format up, Format down) {
        AlgorithmOptions complete = base;
        complete.coordinates = ferret::name_of(up);
        complete.coordinates_down = ferret::name_of(down);
        return complete;
    };
    // More bits are always less noise: to who counts in coordinates, the fewest are what is meant.
    if (options.budget > 0) return with_formats(all_up.front(), all_down.front());

    const ferret::Layout layout = make_layout(model, options);
    const BasesChoice choice = choose(bases_choices, "seeds", options.seeds);
    const auto up_limit = static_cast<std::uint64_t>((std::max)(bytes_up, 0.0));
    const auto down_limit = static_cast<std::uint64_t>(
        (std::max)(bytes_down - static_cast<double>(broadcast_size(1, 0)), 0.0));
    std::optional<AlgorithmOptions> best;
    double least = std::numeric_limits<double>::infinity();
    const auto rooms_down = rooms_of(all_down, base, layout, down_limit);
    for (const auto& [up, most_up] : rooms_of(all_up, base, layout, up_limit)) {
        for (const auto& [down, most_down] : rooms_down) {
            AlgorithmOptions complete = with_formats(up, down);
            // A mean of shared bases has as many coordinates as the messages.
            const bool may_share = choice != BasesChoice::per_client;
            complete.budget =
                static_cast<std::int64_t>(may_share ? (std::min)(most_up, most_down) : most_up);
            if (options.budget_down == 0)
                complete.budget_down = static_cast<std::int64_t>(most_down);
            const double noise = least_noise(ferret_plan(complete, model), clients, bytes_down);
            if (noise >= least) continue;
            least = noise;
            best = complete;
        }
    }
    if (!best) {
        throw std::invalid_argument("bytes: expected room for a coordinate a block in " +
                                    std::to_string(up_limit) + " bytes up and " +
                                    std::to_string(down_limit) +
                                    " down; more bytes or fewer blocks may help");
    }
    return *best;
}

}  // namespace federated
