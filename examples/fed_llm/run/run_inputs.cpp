#include "run/run_inputs.hpp"

#include <utility>

#include "data/load_dataset.hpp"
#include "federation/client_sampling.hpp"

namespace fed_llm {

RunInputs load_inputs(const Options& options, const std::filesystem::path& model,
                      const std::filesystem::path& data) {
    Tokenizer tokenizer(model);
    FederatedDataset dataset = load_dataset({.name = options.dataset,
                                             .path = data,
                                             .max_length = options.max_length,
                                             .seed = options.seed,
                                             .clients = static_cast<std::size_t>(options.clients),
                                             .split = parse_split(options.split),
                                             .alpha = options.split_alpha},
                                            tokenizer);
    dataset.test = spread_evenly(std::move(dataset.test), options.test_examples);
    const std::size_t by_share = active_client_count(dataset.clients.size(), options.participation);
    const FederationSettings federation{
        .rounds = options.rounds,
        .clients_per_round = options.clients_per_round > 0
                                 ? static_cast<std::size_t>(options.clients_per_round)
                                 : by_share,
        .seed = options.seed,
        .schedule = parse_server_schedule(options.server_schedule)};
    return {std::move(tokenizer), std::move(dataset), federation};
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

std::size_t training_example_count(const FederatedDataset& dataset) {
    std::size_t count = 0;
    for (const Client& client : dataset.clients) count += client.examples.size();
    return count;
}

}  // namespace fed_llm
