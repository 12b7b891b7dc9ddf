#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "federated/algorithm/registry.hpp"
#include "federated/federation/server_schedule.hpp"
#include "federated/options/algorithm_option_list.hpp"
#include "federated/options/option_limits.hpp"
#include "kd_lora/data/batch.hpp"
#include "kd_lora/data/data_set.hpp"
#include "kd_lora/data/shares.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Whether Ferret alone of all schemes reads the option of federated's list, which has more algorithms.
inline bool is_of_sketches(const std::string& key) {
    const auto& options = federated::find_algorithm("ferret").options;
    return key != "optimizer" && std::ranges::find(options, key) != options.end();
}

/// The one list of options: calls visit(key, field, group, help, limits) for each. A new option is a
/// field of Options and an entry here, and where not all read it, a line in reads_option().
template <class SomeOptions, class Visitor>
void visit_options(SomeOptions& o, const Visitor& visit) {
    using federated::names_of;
    using federated::one_of;
    using federated::whole;
    constexpr std::int64_t million = 1'000'000;
    visit("scheme", o.scheme, "Method",
          "What clients tune and send: all parameters (fedavg); LoRA adapters and head (fedlora); "
          "these, with mutual distillation on the server (fedkd-lora); all parameters as sketches "
          "(ferret); adapters and head as sketches (ferret-lora)",
          one_of(names_of(schemes)));
    visit("preset", o.preset, "Method",
          "What options have that are not given: default: the right losses and rates that learn; "
          "paper: the public code to the letter",
          one_of({"default", "paper"}));

    visit("model", o.model, "Models and data",
          "The student: a DistilBERT or BERT in Hugging Face's layout, vocab.txt included "
          "(default: a small embedded one)",
          federated::any("DIR"));
    visit("teacher", o.teacher, "Models and data",
          "The teacher: a BERT with the student's vocabulary", federated::any("DIR"));
    visit("dataset", o.dataset, "Models and data", "How --data is read", one_of(data_set_names()));
    visit("data", o.data, "Models and data",
          "The data set's folder or file (default: small embedded sentences)",
          federated::any("PATH"));
    visit("max-length", o.max_length, "Models and data",
          "Tokens of a sentence; longer ones are cut; 0: what the models take", whole(0, million));
    visit("clients", o.clients, "Models and data", "Clients, who all take part in each round",
          whole(1, million));
    visit("public-percent", o.public_percent, "Models and data",
          "Percent of the training data that the server has; -1: 100 / (clients + 1)",
          whole(-1, 100));
    visit("split", o.split, "Models and data", "How the training data comes to the shares",
          one_of(names_of(splits)));
    visit("split-alpha", o.split_alpha, "Models and data",
          "Dirichlet's alpha: the smaller, the more the clients' labels differ",
          federated::real(0.0, 1e6, "a number above 0, at most 1e6"));

    visit("rounds", o.rounds, "Federation", "Rounds; 0 only evaluates the model",
          whole(0, million));
    visit("server-schedule", o.server_schedule, "Federation",
          "How the server rate goes down over the rounds",
          one_of(names_of(federated::server_schedules)));
    visit("client-weight", o.client_weight, "Federation", "What a client counts by in the average",
          one_of(names_of(client_weights)));
    visit("seed", o.seed, "Federation",
          "Seed of data order, dropout, adapters, new heads, random splits and bases",
          whole(0, std::numeric_limits<std::int64_t>::max()));

    visit("client-epochs", o.client_epochs, "Local training",
          "Passes of a client over its examples of the round", whole(1, million));
    visit("examples-per-round", o.examples_per_round, "Local training",
          "Examples that a client takes for a pass, the next of its share; 0: all",
          whole(0, 1'000'000'000));
    visit(
        "batching", o.batching, "Local training",
        "Which examples share a batch: random, or those of like length, which leaves less padding",
        one_of(names_of(batchings)));
    visit(
        "optimizer", o.optimizer, "Local training",
        "Whose AdamW: transformers' (epsilon 1e-6, no weight decay), PyTorch's, or PyTorch's with "
        "transformers' settings",
        one_of(names_of(adamw_kinds)));
    visit("lr", o.lr, "Local training",
          "Learning rate; 0: 1e-4 for all parameters, 1e-3 for adapters, 5e-5 in pre-training",
          federated::rate_or_zero());

    federated::visit_algorithm_options(
        o, [&](const std::string& key, auto& field, const std::string& group,
               const std::string& help, const CLI::Validator& limits) {
            if (is_of_sketches(key)) {
                visit(key, field, std::string("Sketches (ferret, ferret-lora)"), help, limits);
            } else if (key == "server-lr" || key == "batch-size") {
                visit(key, field, group, help, limits);
            } else if (key == "lora-rank" || key == "lora-alpha") {
                visit(key, field, std::string("Adapters"), help, limits);
            }
        });
    visit("lora-dropout", o.lora_dropout, "Adapters", "Dropout before an adapter",
          federated::momentum());
    visit("lora-targets", o.lora_targets, "Adapters",
          "Projections with adapters, by the ends of their names, with commas between",
          federated::any("NAMES"));
    visit("lora-whole", o.lora_whole, "Adapters",
          "Projections that are trained whole beside the adapters", federated::any("NAMES"));

    visit("epochs", o.epochs, "Teacher",
          "Passes over the public share in pre-training; 0: cola 5, others 3", whole(0, million));
    visit("public-examples", o.public_examples, "Teacher",
          "Examples that the server takes for a pass, the next of the public share; 0: all",
          whole(0, 1'000'000'000));
    visit("teacher-epochs", o.teacher_epochs, "Teacher",
          "Passes of the teacher alone before each distillation", whole(0, million));
    visit("kd-epochs", o.kd_epochs, "Distillation", "Passes of mutual distillation in a round",
          whole(0, million));
    visit("distill-lr", o.distill_lr, "Distillation",
          "The teacher's rate in the rounds, going down to 0 in each phase", federated::rate());
    visit("student-distill-lr", o.student_distill_lr, "Distillation",
          "The student's rate in distillation; 0: as --lr", federated::rate_or_zero());
    visit(
        "kl", o.kl, "Distillation",
        "How answers are compared: KL(learner || peer), KL(peer || learner), or the public code's "
        "sum over raw logits",
        one_of(names_of(kl_kinds)));
    visit("attention-loss", o.attention_loss, "Distillation",
          "Attention maps compared over real tokens, over all of a padded batch, or not",
          one_of(names_of(attention_losses)));
    visit("attention-weight", o.attention_weight, "Distillation", "Weight of the attention loss",
          federated::rate_or_zero());
    visit("attention-maps", o.attention_maps, "Distillation", "Where maps are taken",
          one_of(names_of(attention_maps)));
    visit("detach", o.detach, "Distillation",
          "Whether the divisor of the attention loss is a constant", one_of(names_of(yes_or_no)));

    visit("test-examples", o.test_examples, "Evaluation",
          "Validation examples, spread evenly over the set; 0 takes all", whole(0, million));
    visit("evaluate-clients", o.evaluate_clients, "Evaluation",
          "Whether each client's own model is evaluated, too, before the average",
          one_of(names_of(yes_or_no)));

    visit("out", o.out, "Run", "Folder, made new (default: runs/SCHEME)", federated::any("DIR"));
    visit("cache", o.cache, "Run",
          "Where the embedded models and sentences are kept for other runs (default: in the run "
          "folder)",
          federated::any("DIR"));
    visit("device", o.device, "Run", "Where models and training are; cuda needs a GPU",
          one_of({"cpu", "cuda"}));
    visit("threads", o.threads, "Run", "Processor threads; 0 leaves it to LibTorch",
          whole(0, 4096));
}

/// The list as a value, for federated/options/listed_options.hpp.
inline constexpr auto option_list = [](auto& options, const auto& visit) {
    visit_options(options, visit);
};

/// Whether the command reads the option, and of runs, any scheme.
bool is_option_of(Command command, const std::string& key);

/// Whether a run of the scheme reads the option.
bool reads_option(Scheme scheme, const std::string& key);

}  // namespace kd_lora
