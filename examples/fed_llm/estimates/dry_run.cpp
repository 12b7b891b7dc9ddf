#include "fed_llm/estimates/dry_run.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fed_llm/estimates/activations.hpp"
#include "fed_llm/inputs/embedded_default.hpp"
#include "fed_llm/inputs/run_inputs.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/model/trainable_llama.hpp"
#include "federated/algorithm/ferret.hpp"
#include "federated/algorithm/registry.hpp"
#include "federated/federation/client_sampling.hpp"
#include "federated/model/weights.hpp"
#include "federated/report/table.hpp"
#include "files/scratch_folder.hpp"
#include "hugging_face/tokenizer/end_tokens.hpp"

namespace fed_llm {
namespace {

/// A part of the plan: a label, and what stands beside it.
void print(std::ostream& stream, const std::string& label, const std::string& text) {
    constexpr std::size_t width = 12;
    stream << label << std::string(label.size() < width ? width - label.size() : 1, ' ') << text
           << '\n';
}

std::string count(double number, const std::string& noun) {
    return federated::grouped_digits(number) + " " + noun + (number == 1.0 ? "" : "s");
}

std::string count(std::size_t number, const std::string& noun) {
    return count(static_cast<double>(number), noun);
}

/// The categories of the clients' examples, those with the most examples first.
void print_categories(std::ostream& stream, const std::vector<Client>& clients) {
    constexpr std::size_t most_rows = 20;
    struct Category {
        std::size_t examples = 0;
        std::size_t clients = 0;
    };
    std::map<std::string, Category> categories;
    for (const Client& client : clients) {
        for (const auto& [name, examples] : client.categories) {
            categories[name].examples += examples;
            ++categories[name].clients;
        }
    }
    std::vector<std::pair<std::string, Category>> sorted(categories.begin(), categories.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.second.examples > b.second.examples;
    });
    std::vector<std::vector<std::string>> rows{{"category", "examples", "clients that have it"}};
    for (const auto& [name, category] : sorted) {
        if (rows.size() > most_rows) break;
        rows.push_back({name, federated::grouped_digits(static_cast<double>(category.examples)),
                        federated::grouped_digits(static_cast<double>(category.clients))});
    }
    if (rows.size() == 1) return;
    federated::print_table(stream, rows);
    if (sorted.size() > most_rows) {
        stream << "and " << sorted.size() - most_rows << " categories more\n";
    }
}

void print_model(std::ostream& stream, const std::string& name, const LlamaConfig& config,
                 const federated::TrainableModel& model) {
    print(stream, "model",
          name + ": " + count(static_cast<std::size_t>(config.num_hidden_layers), "layer") +
              ", hidden size " + std::to_string(config.hidden_size) + ", vocabulary " +
              std::to_string(config.vocab_size));
    print(stream, "tuned",
          count(static_cast<double>(federated::parameter_count(model.parameters)), "parameter") +
              " in " + count(model.parameters.size(), "tensor"));
}

void print_data(std::ostream& stream, const RunInputs& inputs) {
    const FederatedDataset& dataset = inputs.dataset;
    std::vector<std::size_t> sizes;
    for (const Client& client : dataset.clients) sizes.push_back(client.examples.size());
    std::sort(sizes.begin(), sizes.end());
    print(stream, "clients",
          count(dataset.clients.size(), "client") + " with " +
              count(training_example_count(dataset), "example") + ", " +
              std::to_string(sizes.front()) + " to " + std::to_string(sizes.back()) +
              " each, median " + std::to_string(sizes[sizes.size() / 2]));
    print(stream, "test", count(dataset.test.size(), "example"));
    const std::string dropped = describe_dropped(dataset.dropped);
    print(stream, "dropped", dropped.empty() ? "nothing" : dropped);
    for (const std::string& warning : inputs.warnings) print(stream, "warning", warning);
    print_categories(stream, dataset.clients);
}

/// Blocks of the same size and number of bases in one line.
void print_blocks(std::ostream& stream, const federated::AlgorithmOptions& options,
                  const ferret::Plan& plan) {
    const auto bases = ferret::expected_bases(plan.budget, plan.layout);
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::size_t> alike;
    for (std::size_t block = 0; block < bases.size(); ++block) {
        ++alike[{plan.layout.block_size(block), bases[block]}];
    }
    print(stream, "blocks",
          count(bases.size(), "block") + " (" + options.layout + "), K " +
              federated::grouped_digits(static_cast<double>(ferret::total_of(plan.budget))) +
              " by " + options.budget_rule + ", basis " + options.basis);
    std::vector<std::vector<std::string>> rows{{"numbers each", "blocks", "bases each"}};
    for (const auto& [size_and_bases, blocks] : alike) {
        rows.push_back({federated::grouped_digits(static_cast<double>(size_and_bases.first)),
                        federated::grouped_digits(static_cast<double>(blocks)),
                        federated::grouped_digits(size_and_bases.second)});
    }
    federated::print_table(stream, rows);
    if (ferret::depends_on_update(plan.budget)) {
        stream << "bases as for an update whose entries are all of like size; " +
                      options.budget_rule + " follows the real one\n";
    }
}

/// Why the coordinates are as they are: what noise their bytes leave, and how far the model then follows.
void print_noise(std::ostream& stream, const federated::AlgorithmOptions& options,
                 const federated::FerretPlan& plan, std::size_t clients) {
    print(stream, "coordinates",
          options.coordinates + " up, " + options.coordinates_down + " down, bases " +
              (plan.bases == federated::BasesChoice::automatic ? "shared or each client's own"
                                                               : options.seeds));
    std::vector<std::vector<std::string>> rows{
        {"clients' updates", "bases", "noise over the mean's energy", "rate"}};
    const auto add = [&](const std::string& label, double unlikeness) {
        const ferret::SketchSetting setting = federated::sketch_setting(plan, clients, unlikeness);
        for (const auto sharing : {ferret::SeedSharing::shared, ferret::SeedSharing::per_client}) {
            const bool shared = sharing == ferret::SeedSharing::shared;
            if (plan.bases != federated::BasesChoice::automatic && sharing != plan.sketch.sharing)
                continue;
            const double noise = federated::noise_of(plan, sharing, setting);
            rows.push_back(
                {label, shared ? "shared" : "own", federated::decimal(noise, 2),
                 federated::decimal(
                     plan.damped ? ferret::damping_of(noise, plan.sketch.layout.element_count())
                                 : 1.0,
                     3)});
        }
    };
    add("alike", 1.0);
    if (clients > 1) add("nothing in common", static_cast<double>(clients));
    federated::print_table(stream, rows);
    if (plan.damped) {
        stream << "the rate is that of the round times this; each round goes by how unlike its "
                  "clients' sketches are\n";
    }
}

void print_bytes(std::ostream& stream, const Options& options, const federated::Traffic& traffic,
                 std::size_t clients) {
    const std::string about = traffic.exact ? "" : "about ";
    print(stream, "bytes",
          about + federated::grouped_digits(traffic.up) + " up, " +
              federated::grouped_digits(traffic.down) + " down, per client and round");
    const double messages = static_cast<double>(options.rounds) * static_cast<double>(clients);
    print(stream, "",
          about + federated::format_bytes(messages * traffic.up) + " up, " +
              federated::format_bytes(messages * traffic.down) +
              " down, by all clients in all rounds");
}

BatchShape largest_batch(const Options& options, const FederatedDataset& dataset) {
    BatchShape shape;
    for (const Client& client : dataset.clients) {
        for (const Example& example : client.examples) {
            const auto length = static_cast<std::int64_t>(example.tokens.size());
            const auto prompt = static_cast<std::int64_t>(example.prompt_length);
            shape.length = std::max(shape.length, length);
            shape.response = std::max(shape.response, length - prompt);
        }
    }
    shape.examples = examples_at_once(options, shape.length);
    return shape;
}

void print_memory(std::ostream& stream, const std::vector<federated::MemoryPart>& parts) {
    double total = 0.0;
    std::string text;
    for (const federated::MemoryPart& part : parts) {
        total += part.bytes;
        text += (text.empty() ? "" : ", ") + std::string(part.what) + " " +
                federated::format_bytes(part.bytes);
    }
    print(stream, "memory",
          "about " + federated::format_bytes(total) + " while a client trains, beside LibTorch");
    print(stream, "", text);
}

}  // namespace

void print_plan(const Options& options, std::ostream& stream) {
    std::optional<files::ScratchFolder> scratch;
    EmbeddedDefault folders{options.model, options.data};
    if (options.model.empty()) {
        const bool made = !options.cache.empty() && has_embedded_default(options.cache);
        folders = made ? prepare_embedded_default(options.cache, {})
                       : prepare_untrained_default(scratch.emplace().path());
    }
    const RunInputs inputs = load_inputs(options, folders.model, folders.data);
    const LlamaConfig config = read_model_config(
        folders.model, [&](const std::string& message) { print(stream, "warning", message); });
    // Shapes without memory.
    const Llama llama(config, torch::TensorOptions().device(torch::kMeta));
    federated::TrainableModel model = trainable(llama, inputs.dataset.clients);
    const std::size_t clients = inputs.federation.clients_per_round;
    // Only for what they check.
    hugging_face::EndTokens(folders.model, inputs.tokenizer.eos(), config.vocab_size);
    federated::sample_clients(inputs.dataset.clients.size(), clients, options.seed, 1);
    const federated::AlgorithmOptions complete =
        federated::complete_options(options, model, clients);
    federated::make_client(complete, model);
    federated::make_server(complete, model);

    print(stream, "algorithm", options.algorithm);
    print_model(stream, options.model.empty() ? "the embedded model" : options.model, config,
                model);
    print_data(stream, inputs);
    print(stream, "rounds",
          count(static_cast<std::size_t>(options.rounds), "round") + " of " +
              count(clients, "client") + ", " +
              count(static_cast<std::size_t>(options.local_steps), "local step") +
              " each, server rate " + federated::decimal(federated::server_rate_of(options), 3));
    if (options.algorithm == federated::ferret_entry.name) {
        const federated::FerretPlan plan = federated::ferret_plan(complete, model);
        print_blocks(stream, complete, plan.sketch);
        print_noise(stream, complete, plan, clients);
    }
    print_bytes(stream, options, federated::estimate_traffic(complete, model, clients), clients);
    std::vector<federated::MemoryPart> memory =
        federated::estimate_memory(complete, model, inputs.dataset.clients.size());
    memory.push_back(activations(options, config, largest_batch(options, inputs.dataset)));
    print_memory(stream, memory);
    stream << std::flush;
}

}  // namespace fed_llm
