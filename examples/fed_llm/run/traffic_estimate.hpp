#pragma once

#include <cstddef>
#include <cstdint>
#include <ferret/block/budget.hpp>
#include <vector>

#include "federation/trainable_model.hpp"
#include "federation/weights.hpp"
#include "run/options.hpp"

namespace fed_llm {

/// Bytes that one client sends and receives in a round, as in metrics.jsonl.
struct Traffic {
    double up = 0.0;
    double down = 0.0;
    bool exact = true;  ///< false where they depend on the updates or the draw: then about this
};

/// The bytes of the options' algorithm on these tensors, whose values are not read: they may be on
/// LibTorch's meta device. `clients` take part in a round.
/// Throws: ferret::Error for a budget that the blocks cannot take; std::invalid_argument for an
/// unknown algorithm.
Traffic estimate_traffic(const Options& options, const TrainableModel& model, std::size_t clients);

/// The bases of each block: those of a client's message where the rule does not look at the update;
/// for rules that do, what an update gets whose entries are all of like size.
std::vector<std::uint32_t> expected_bases(const ferret::BudgetRule& rule,
                                          const ferret::Layout& layout);

/// The low-rank adapters that FedIT tunes in the model's place.
Weights adapter_parameters(const Options& options, const TrainableModel& model);

}  // namespace fed_llm
