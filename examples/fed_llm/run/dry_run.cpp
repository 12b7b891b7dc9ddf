#include "run/dry_run.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "federation/client_sampling.hpp"
#include "federation/ferret.hpp"
#include "federation/weights.hpp"
#include "file/file_error.hpp"
#include "model/hugging_face.hpp"
#include "run/embedded_default.hpp"
#include "run/make_algorithm.hpp"
#include "run/memory_estimate.hpp"
#include "run/run_inputs.hpp"
#include "run/server_rate_rule.hpp"
#include "run/table.hpp"
#include "run/traffic_estimate.hpp"
#include "text/end_tokens.hpp"

namespace fed_llm {
namespace {

/// A folder of this process that goes away with the object.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = std::filesystem::temp_directory_path() / "fed_llm_dry_run_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw FileError(name, "folder", "a writable place", std::strerror(errno));
        }
        path_ = name;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// A part of the plan: a label, and what stands beside it.
void print(std::ostream& stream, const std::string& label, const std::string& text) {
    constexpr std::size_t width = 12;
    stream << label << std::string(label.size() < width ? width - label.size() : 1, ' ') << text
           << '\n';
}

std::string count(double number, const std::string& noun) {
    return grouped_digits(number) + " " + noun + (number == 1.0 ? "" : "s");
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
        rows.push_back({name, grouped_digits(static_cast<double>(category.examples)),
                        grouped_digits(static_cast<double>(category.clients))});
    }
    if (rows.size() == 1) return;
    print_table(stream, rows);
    if (sorted.size() > most_rows) {
        stream << "and " << sorted.size() - most_rows << " categories more\n";
    }
}

void print_model(std::ostream& stream, const std::string& name, const LlamaConfig& config,
                 const TrainableModel& model) {
    print(stream, "model",
          name + ": " + count(static_cast<std::size_t>(config.num_hidden_layers), "layer") +
              ", hidden size " + std::to_string(config.hidden_size) + ", vocabulary " +
              std::to_string(config.vocab_size));
    print(stream, "tuned",
          count(static_cast<double>(parameter_count(model.parameters)), "parameter") + " in " +
              count(model.parameters.size(), "tensor"));
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
void print_blocks(std::ostream& stream, const Options& options, const FerretSettings& settings) {
    const auto bases = expected_bases(settings.budget, settings.layout);
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::size_t> alike;
    for (std::size_t block = 0; block < bases.size(); ++block) {
        ++alike[{settings.layout.block_size(block), bases[block]}];
    }
    print(stream, "blocks",
          count(bases.size(), "block") + " (" + options.layout + "), K " +
              grouped_digits(static_cast<double>(ferret::total_of(settings.budget))) + " by " +
              options.budget_rule + ", basis " + options.basis);
    std::vector<std::vector<std::string>> rows{{"numbers each", "blocks", "bases each"}};
    for (const auto& [size_and_bases, blocks] : alike) {
        rows.push_back({grouped_digits(static_cast<double>(size_and_bases.first)),
                        grouped_digits(static_cast<double>(blocks)),
                        grouped_digits(size_and_bases.second)});
    }
    print_table(stream, rows);
    if (ferret::depends_on_update(settings.budget)) {
        stream << "bases as for an update whose entries are all of like size; " +
                      options.budget_rule + " follows the real one\n";
    }
}

void print_bytes(std::ostream& stream, const Options& options, const Traffic& traffic,
                 std::size_t clients) {
    const std::string about = traffic.exact ? "" : "about ";
    print(stream, "bytes",
          about + grouped_digits(traffic.up) + " up, " + grouped_digits(traffic.down) +
              " down, per client and round");
    const double messages = static_cast<double>(options.rounds) * static_cast<double>(clients);
    print(stream, "",
          about + format_bytes(messages * traffic.up) + " up, " +
              format_bytes(messages * traffic.down) + " down, by all clients in all rounds");
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

void print_memory(std::ostream& stream, const std::vector<MemoryPart>& parts) {
    double total = 0.0;
    std::string text;
    for (const MemoryPart& part : parts) {
        total += part.bytes;
        text +=
            (text.empty() ? "" : ", ") + std::string(part.what) + " " + format_bytes(part.bytes);
    }
    print(stream, "memory",
          "about " + format_bytes(total) + " while a client trains, beside LibTorch");
    print(stream, "", text);
}

}  // namespace

void print_plan(const Options& options, std::ostream& stream) {
    std::optional<ScratchFolder> scratch;
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
    TrainableModel model = trainable(llama);
    const std::size_t clients = inputs.federation.clients_per_round;
    // Only for what they check.
    EndTokens(folders.model, inputs.tokenizer.eos(), config.vocab_size);
    sample_clients(inputs.dataset.clients.size(), clients, options.seed, 1);
    make_algorithm(options, model);

    print(stream, "algorithm", options.algorithm);
    print_model(stream, options.model.empty() ? "the embedded model" : options.model, config,
                model);
    print_data(stream, inputs);
    print(stream, "rounds",
          count(static_cast<std::size_t>(options.rounds), "round") + " of " +
              count(clients, "client") + ", " +
              count(static_cast<std::size_t>(options.local_steps), "local step") +
              " each, server rate " +
              decimal(server_rate_of(options, parameter_count(model.parameters), clients), 3));
    if (options.algorithm == "ferret") {
        print_blocks(stream, options, ferret_settings(options, model));
    }
    print_bytes(stream, options, estimate_traffic(options, model, clients), clients);
    print_memory(stream,
                 estimate_memory(options, model, config, largest_batch(options, inputs.dataset),
                                 inputs.dataset.clients.size()));
    stream << std::flush;
}

}  // namespace fed_llm
