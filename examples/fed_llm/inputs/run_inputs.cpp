#include "fed_llm/inputs/run_inputs.hpp"

#include <set>
#include <utility>

#include "fed_llm/data/load_dataset.hpp"
#include "fed_llm/inputs/model_limits.hpp"
#include "fed_llm/model/llama_config.hpp"
#include "federated/federation/client_sampling.hpp"

namespace fed_llm {
namespace {

bool have_one_category(const std::vector<Client>& clients) {
    std::set<std::string> categories;
    for (const Client& client : clients) {
        for (const auto& [category, count] : client.categories) categories.insert(category);
    }
    return categories.size() == 1;
}

}  // namespace

RunInputs load_inputs(const Options& options, const std::filesystem::path& model,
                      const std::filesystem::path& data, const std::function<void()>& on_example) {
    const LlamaConfig config = read_llama_config(model / "config.json");
    hugging_face::Tokenizer tokenizer(model);
    DatasetSettings settings{.name = options.dataset,
                             .path = data,
                             .max_length = options.max_length,
                             .seed = options.seed,
                             .clients = static_cast<std::size_t>(options.clients),
                             .split = federated::choose(federated::splits, "split", options.split),
                             .alpha = options.split_alpha,
                             .on_example = on_example};
    std::vector<std::string> warnings;
    if (auto warning = limit_to_positions(settings, config)) warnings.push_back(*warning);
    FederatedDataset dataset = load_dataset(settings, tokenizer);
    expect_known_tokens(dataset, config);
    if (settings.split == federated::Split::dirichlet && have_one_category(dataset.clients)) {
        warnings.emplace_back(
            "--split dirichlet: all rows are of one category, so clients differ only in how many "
            "they have");
    }
    dataset.test = spread_evenly(std::move(dataset.test), options.test_examples);
    const std::size_t by_share =
        federated::active_client_count(dataset.clients.size(), options.participation);
    const federated::FederationSettings federation{
        .rounds = options.rounds,
        .clients_per_round = options.clients_per_round > 0
                                 ? static_cast<std::size_t>(options.clients_per_round)
                                 : by_share,
        .seed = options.seed,
        .schedule = federated::choose(federated::server_schedules, "server-schedule",
                                      options.server_schedule)};
    if (options.rouge_examples > 0) {
        const auto prompts = spread_evenly(dataset.test, options.rouge_examples);
        auto warning = warn_of_short_answers(prompts, options.max_new_tokens, config);
        if (warning) warnings.push_back(*warning);
    }
    return {std::move(tokenizer), std::move(dataset), federation, std::move(warnings)};
}

std::vector<Example> spread_evenly(std::vector<Example> examples, std::int64_t count) {
    const auto wanted = static_cast<std::size_t>(count);
    if (wanted == 0 || wanted >= examples.size()) return examples;
    std::vector<Example> chosen;
    for (std::size_t i = 0; i < wanted; ++i) {
        chosen.push_back(std::move(examples[i * examples.size() / wanted]));
    }
    return chosen;
}

std::string describe_dropped(const DropCounts& dropped) {
    std::string text;
    const auto add = [&](std::size_t count, const char* what) {
        if (count == 0) return;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    };
    add(dropped.long_train_instances, "training examples over the length limit");
    add(dropped.long_test_instances, "test examples over the length limit");
    add(dropped.tasks.size(), "tasks with too few instances");
    add(dropped.without_category, "examples without a category or of a rare one");
    return text;
}

std::size_t training_example_count(const FederatedDataset& dataset) {
    std::size_t count = 0;
    for (const Client& client : dataset.clients) count += client.examples.size();
    return count;
}

}  // namespace fed_llm
