#pragma once

#include <cstdint>
#include <limits>

#include "fed_llm/data/load_dataset.hpp"
#include "fed_llm/options/options.hpp"
#include "federated/algorithm/registry.hpp"
#include "federated/data/split.hpp"
#include "federated/federation/server_schedule.hpp"
#include "federated/options/algorithm_option_list.hpp"
#include "federated/options/option_limits.hpp"

namespace fed_llm {

/// What --algorithm chooses between.
inline std::string algorithm_help() {
    std::string help = "What clients send";
    for (const federated::AlgorithmEntry* algorithm : federated::algorithms()) {
        help += (algorithm == federated::algorithms().front() ? ": " : "; ") +
                std::string(algorithm->name) + ": " + std::string(algorithm->summary);
    }
    return help;
}

/// The one list of options: calls visit(key, field, group, help, limits) for each. A new option is a
/// field of Options and an entry here, or one of options/algorithm_options.hpp.
template <class SomeOptions, class Visitor>
void visit_options(SomeOptions& o, const Visitor& visit) {
    constexpr std::int64_t million = 1'000'000;
    visit("algorithm", o.algorithm, "Method", algorithm_help(),
          federated::one_of(federated::algorithm_names()));

    visit(
        "preset", o.preset, "Method",
        "What options have that are not given: default: the best that is known; paper: the paper's "
        "setting of ferret (dense bases, groups, norm shares, 32-bit coordinates)",
        federated::one_of({"default", "paper"}));

    visit("model", o.model, "Model and data",
          "LLaMA or Qwen2 in Hugging Face's layout, tokenizer included (default: a small embedded "
          "model)",
          federated::any("DIR"));
    visit("dataset", o.dataset, "Model and data", "How --data is read",
          federated::one_of(dataset_names()));
    visit("data", o.data, "Model and data",
          "The data set's folder or file (default: small embedded tasks)", federated::any("PATH"));
    visit("max-length", o.max_length, "Model and data",
          "Tokens of prompt and response; longer examples are dropped",
          federated::whole(8, million));
    visit("clients", o.clients, "Model and data",
          "Clients to split the data over; 0: dolly 200, code-alpaca its languages, gsm8k 3, "
          "jsonl 10, natural-instructions its tasks",
          federated::whole(0, million));
    visit("split", o.split, "Model and data",
          "How rows come to clients: by Dirichlet proportions of categories, at random, or auto: "
          "as the data set's publication does it",
          federated::one_of(federated::names_of(federated::splits)));
    visit("split-alpha", o.split_alpha, "Model and data",
          "Dirichlet's alpha: the smaller, the more the clients' data differ",
          federated::real(0.0, 1e6, "a number above 0, at most 1e6"));

    visit("rounds", o.rounds, "Federation", "Rounds; 0 only evaluates the model",
          federated::whole(0, million));
    visit("participation", o.participation, "Federation",
          "Share of the clients that take part in a round", federated::share());
    visit("clients-per-round", o.clients_per_round, "Federation",
          "Number of clients that take part in a round; 0 goes by --participation",
          federated::whole(0, million));
    visit("server-schedule", o.server_schedule, "Federation",
          "How the server rate goes down over the rounds",
          federated::one_of(federated::names_of(federated::server_schedules)));
    visit("seed", o.seed, "Federation",
          "Seed of the sampling of data and clients, and of the bases",
          federated::whole(0, std::numeric_limits<std::int64_t>::max()));

    federated::visit_algorithm_options(
        o, [&](const std::string& key, auto& field, const std::string& group,
               const std::string& help, const CLI::Validator& limits) {
            const std::string readers = federated::readers_of(key);
            visit(key, field, group, readers.empty() ? help : help + " (" + readers + ")", limits);
        });

    visit("test-examples", o.test_examples, "Evaluation",
          "Test examples, spread evenly over the test set; 0 takes all",
          federated::whole(0, million));
    visit("rouge-examples", o.rouge_examples, "Evaluation",
          "Test examples answered after the last round for Rouge-L", federated::whole(0, million));
    visit("max-new-tokens", o.max_new_tokens, "Evaluation", "Tokens of an answer at most",
          federated::whole(1, million));

    visit("out", o.out, "Run", "Run folder, made new (default: runs/ALGORITHM)",
          federated::any("DIR"));
    visit("cache", o.cache, "Run",
          "Where the embedded model and tasks are kept for other runs (default: in the run folder)",
          federated::any("DIR"));
    visit("shards", o.shards, "Run",
          "Processes of mpirun that share each client: each projects and rebuilds its part of the "
          "model",
          federated::whole(1, 4096));
    visit("device", o.device, "Run", "Where model and training are; cuda needs a GPU",
          federated::one_of({"cpu", "cuda"}));
    visit("threads", o.threads, "Run", "Processor threads; 0 leaves it to LibTorch",
          federated::whole(0, 4096));
}

}  // namespace fed_llm
