#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "federated/options/algorithm_choices.hpp"
#include "federated/options/option_limits.hpp"

namespace federated {

/// The one list of AlgorithmOptions but `algorithm` and `seed`: calls visit(key, field, group, help, limits)
/// for each. A new option is a field there and an entry here.
template <class SomeOptions, class Visitor>
void visit_algorithm_options(SomeOptions& o, const Visitor& visit) {
    constexpr std::int64_t million = 1'000'000;
    visit("server-lr", o.server_lr, "Federation",
          "Server rate: how far the model follows the clients' mean update; 0: 1, which ferret "
          "lessens in each round as far as its noise asks for",
          rate_or_zero());

    visit("local-steps", o.local_steps, "Local training",
          "Optimiser steps of a client in a round (T)", whole(1, million));
    visit("accumulate", o.accumulate, "Local training",
          "Batches whose mean gradient makes one step", whole(1, million));
    visit("batch-size", o.batch_size, "Local training", "Examples in a batch", whole(1, million));
    visit("optimizer", o.optimizer, "Local training", "Optimiser, fresh in each round",
          one_of(names_of(optimizers)));
    visit("lr", o.lr, "Local training", "Learning rate of a client's steps", rate());

    visit("basis", o.basis, "Algorithm",
          "Distribution of the random bases; auto: sparse-sign, for ferret-public truncated-normal",
          one_of(basis_choices()));
    visit(
        "bytes", o.bytes, "Algorithm",
        "Bytes of a client's message: a number, with K or M, or a share of FedAvg's such as 1/1000 "
        "(default: 1/1000, without --budget)",
        byte_count());
    visit("bytes-down", o.bytes_down, "Algorithm", "Bytes of the broadcast (default: as --bytes)",
          byte_count());
    visit("budget", o.budget, "Algorithm",
          "Coordinates in a client's message, or entries (K); 0: what --bytes has room for",
          whole(0, std::numeric_limits<std::uint32_t>::max()));
    visit(
        "budget-down", o.budget_down, "Algorithm",
        "Coordinates or entries in the broadcast; 0: what --bytes-down has room for, or as many as "
        "come up",
        whole(0, std::numeric_limits<std::uint32_t>::max()));
    visit("budget-rule", o.budget_rule, "Algorithm", "How the budget is spread over the blocks",
          one_of(budget_rule_choices()));
    visit("layout", o.layout, "Algorithm",
          "Blocks: tensors in groups of like size, one a tensor, or --blocks of one size; auto: "
          "uniform, for ferret-public grouped",
          one_of(layout_choices()));
    visit("blocks", o.blocks, "Algorithm", "Number of blocks of the uniform layout",
          whole(1, million));
    visit("coordinates", o.coordinates, "Algorithm",
          "Number format of coordinates in messages; auto: that of the least noise",
          one_of(coordinate_choices()));
    visit("coordinates-down", o.coordinates_down, "Algorithm", "... and in broadcasts",
          one_of(coordinate_choices()));
    visit("seeds", o.seeds, "Algorithm",
          "Bases of a round: the same for all clients, or each its own; auto: in each round what "
          "leaves less noise",
          one_of(names_of(bases_choices)));
    visit(
        "broadcast", o.broadcast, "Algorithm",
        "What travels down where clients' sketches do not add: their mean, sketched again, or all "
        "sketches",
        one_of(names_of(broadcast_kinds)));
    visit("seed-refresh", o.seed_refresh, "Algorithm", "New bases each round, or the same in all",
          one_of(names_of(seed_refreshes)));

    visit("pool-size", o.pool_size, "Algorithm", "Seeds in the pool (K)",
          whole(2, std::numeric_limits<std::uint32_t>::max()));
    visit("perturbation", o.perturbation, "Algorithm",
          "How far to walk along a direction to measure a slope (eps)", rate());
    visit("directions", o.directions, "Algorithm", "Directions whose mean slope makes one step",
          whole(1, million));
    visit("lora-rank", o.lora_rank, "Algorithm", "Rank of the adapters", whole(1, 1 << 16));
    visit("lora-alpha", o.lora_alpha, "Algorithm", "Adapters are added alpha / rank times", rate());
    visit("pool-momentum", o.pool_momentum, "Algorithm",
          "Share of the pool's coordinates that stays for the next round", momentum());
    visit("clip-norm", o.clip_norm, "Algorithm", "Largest norm of one seed's update of one block",
          rate());
}

}  // namespace federated
