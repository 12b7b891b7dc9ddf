#pragma once

#include <cstddef>
#include <cstdint>
#include <ferret/protocol/plan.hpp>
#include <ferret/protocol/sketch_noise.hpp>
#include <vector>

#include "federated/model/trainable_model.hpp"
#include "federated/options/algorithm_choices.hpp"
#include "federated/options/algorithm_options.hpp"

namespace federated {

/// How the options project updates, and what travels down.
struct FerretPlan {
    ferret::Plan
        sketch;  ///< of a client's message; `sharing` is that of the round, at first the first's
    BasesChoice bases = BasesChoice::shared;
    BroadcastKind broadcast = BroadcastKind::mean;
    ferret::BudgetRule budget_down;  ///< of a mean that is sketched again
    bool damped = false;  ///< whether the server goes by damping_of, or the user has set its rate
};

/// How the options project updates of these tensors, whose values are not read. The options are complete:
/// complete_ferret_options has chosen what they leave open.
/// Throws: std::invalid_argument for an unknown name; ferret::InvalidBudget
FerretPlan ferret_plan(const AlgorithmOptions& options, const TrainableModel& model);

/// Whether the clients' sketches add: one then serves all.
bool adds_up(const FerretPlan& plan, ferret::SeedSharing sharing);

/// Bytes of a client's message, and of a broadcast, without the federation's headers.
std::uint64_t ferret_message_size(const FerretPlan& plan);
std::uint64_t ferret_broadcast_size(const FerretPlan& plan, ferret::SeedSharing sharing,
                                    std::size_t clients);

/// What the noise of a round goes by, for clients of that unlikeness.
ferret::SketchSetting sketch_setting(const FerretPlan& plan, std::size_t clients,
                                     double unlikeness);

/// The noise with these bases.
double noise_of(const FerretPlan& plan, ferret::SeedSharing sharing,
                const ferret::SketchSetting& setting);

/// The options with the number of coordinates and their formats chosen, where they leave them open, so that
/// a message has at most `bytes_up` and a broadcast `bytes_down` bytes and the noise for like clients is
/// least.
/// Throws: std::invalid_argument if no message is so small
AlgorithmOptions complete_ferret_options(const AlgorithmOptions& options,
                                         const TrainableModel& model, std::size_t clients,
                                         double bytes_up, double bytes_down);

}  // namespace federated
