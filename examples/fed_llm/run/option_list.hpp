#pragma once

#include <cstdint>
#include <limits>

#include "data/load_dataset.hpp"
#include "run/option_limits.hpp"
#include "run/options.hpp"

namespace fed_llm {

/// The one list of options: calls visit(key, field, group, help, limits) for each. A new option is a
/// field of Options and an entry here.
template <class SomeOptions, class Visitor>
void visit_options(SomeOptions& o, const Visitor& visit) {
    constexpr std::int64_t million = 1'000'000;
    visit("algorithm", o.algorithm, "Method", "What clients send, and what the server does with it",
          one_of({"ferret", "fedavg", "fedkseed", "fedkseed-pro", "fedzo", "fedit", "fedit-sgd",
                  "top-k", "ferret-public"}));

    visit("model", o.model, "Model and data",
          "LLaMA or Qwen2 in Hugging Face's layout, tokenizer included (default: a small embedded "
          "model)",
          any("DIR"));
    visit("dataset", o.dataset, "Model and data", "How --data is read", one_of(dataset_names()));
    visit("data", o.data, "Model and data",
          "The data set's folder or file (default: small embedded tasks)", any("PATH"));
    visit("max-length", o.max_length, "Model and data",
          "Tokens of prompt and response; longer examples are dropped", whole(8, million));
    visit("clients", o.clients, "Model and data",
          "Clients to split the data over; 0: dolly 200, code-alpaca its languages, gsm8k 3, "
          "jsonl 10, natural-instructions its tasks",
          whole(0, million));
    visit("split", o.split, "Model and data",
          "How rows come to clients: by Dirichlet proportions of categories, at random, or auto: "
          "as the data set's publication does it",
          one_of({"auto", "dirichlet", "iid"}));
    visit("split-alpha", o.split_alpha, "Model and data",
          "Dirichlet's alpha: the smaller, the more the clients' data differ",
          real(0.0, 1e6, "a number above 0, at most 1e6"));

    visit("rounds", o.rounds, "Federation", "Rounds; 0 only evaluates the model",
          whole(0, million));
    visit("participation", o.participation, "Federation",
          "Share of the clients that take part in a round", share());
    visit("clients-per-round", o.clients_per_round, "Federation",
          "Number of clients that take part in a round; 0 goes by --participation",
          whole(0, million));
    visit("server-lr", o.server_lr, "Federation",
          "Server rate: how far the model follows the clients' mean update; 0: for ferret what its "
          "number of coordinates lets it bear, for all others 1",
          rate_or_zero());
    visit("server-schedule", o.server_schedule, "Federation",
          "How the server rate goes down over the rounds",
          one_of({"constant", "linear", "cosine"}));
    visit("seed", o.seed, "Federation",
          "Seed of the sampling of data and clients, and of the bases",
          whole(0, std::numeric_limits<std::int64_t>::max()));

    visit("local-steps", o.local_steps, "Local training",
          "Optimiser steps of a client in a round (T)", whole(1, million));
    visit("accumulate", o.accumulate, "Local training",
          "Batches whose mean gradient makes one step", whole(1, million));
    visit("batch-size", o.batch_size, "Local training", "Examples in a batch", whole(1, million));
    visit("optimizer", o.optimizer, "Local training",
          "Optimiser, fresh in each round (fedit has Adam, fedit-sgd SGD)",
          one_of({"sgd", "adam", "adamw"}));
    visit("lr", o.lr, "Local training", "Learning rate of a client's steps", rate());

    visit("basis", o.basis, "Ferret", "Distribution of the random bases",
          one_of({"truncated-normal", "truncated-normal-32", "gaussian", "rademacher",
                  "sparse-sign"}));
    visit("budget", o.budget, "Ferret", "Coordinates in a client's message; entries for top-k (K)",
          whole(1, std::numeric_limits<std::uint32_t>::max()));
    visit("budget-rule", o.budget_rule, "Ferret", "How the budget is spread over the blocks",
          one_of({"norm-share", "uniform", "proportional", "minimum-error"}));
    visit("layout", o.layout, "Ferret",
          "Blocks: tensors in groups of like size, one a tensor, or --blocks of one size",
          one_of({"grouped", "per-tensor", "uniform"}));
    visit("blocks", o.blocks, "Ferret", "Number of blocks of the uniform layout",
          whole(1, million));
    visit("coordinates", o.coordinates, "Ferret", "Number format of coordinates in messages",
          one_of({"float32", "int16"}));
    visit("seeds", o.seeds, "Ferret", "Bases of a round: the same for all clients, or each its own",
          one_of({"shared", "per-client"}));
    visit("seed-refresh", o.seed_refresh, "Ferret", "New bases each round, or the same in all",
          one_of({"round", "fixed"}));

    visit("pool-size", o.pool_size, "Other methods",
          "Seeds in the pool of fedkseed, fedkseed-pro and ferret-public (K)",
          whole(2, std::numeric_limits<std::uint32_t>::max()));
    visit("perturbation", o.perturbation, "Other methods",
          "How far fedkseed and fedzo walk to measure a slope (eps)", rate());
    visit("directions", o.directions, "Other methods",
          "Directions whose mean slope makes one step of fedzo", whole(1, million));
    visit("lora-rank", o.lora_rank, "Other methods", "Rank of fedit's adapters", whole(1, 1 << 16));
    visit("lora-alpha", o.lora_alpha, "Other methods",
          "fedit's adapters are added alpha / rank times", rate());
    visit("pool-momentum", o.pool_momentum, "Other methods",
          "Share of ferret-public's coordinates that stays for the next round", momentum());
    visit("clip-norm", o.clip_norm, "Other methods",
          "Largest norm of one seed's update of one block in ferret-public", rate());

    visit("test-examples", o.test_examples, "Evaluation",
          "Test examples, spread evenly over the test set; 0 takes all", whole(0, million));
    visit("rouge-examples", o.rouge_examples, "Evaluation",
          "Test examples answered after the last round for Rouge-L", whole(0, million));
    visit("max-new-tokens", o.max_new_tokens, "Evaluation", "Tokens of an answer at most",
          whole(1, million));

    visit("out", o.out, "Run", "Run folder, made new (default: runs/ALGORITHM)", any("DIR"));
    visit("cache", o.cache, "Run",
          "Where the embedded model and tasks are kept for other runs (default: in the run folder)",
          any("DIR"));
    visit("device", o.device, "Run", "Where model and training are; cuda needs a GPU",
          one_of({"cpu", "cuda"}));
    visit("threads", o.threads, "Run", "Processor threads; 0 leaves it to LibTorch",
          whole(0, 4096));
}

}  // namespace fed_llm
