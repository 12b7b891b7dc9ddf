#include "run/traffic_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/wire.hpp>
#include <numeric>
#include <stdexcept>

#include "federation/ferret.hpp"
#include "federation/model_layout.hpp"
#include "federation/sparse_message.hpp"
#include "federation/tensor_message.hpp"
#include "model/lora.hpp"
#include "run/make_algorithm.hpp"

namespace fed_llm {
namespace {

double numbers_size(double count, std::uint64_t of) {
    SparseNumbers numbers{.size = of, .indices = {}, .values = {}};
    numbers.indices.resize(std::min(static_cast<std::uint64_t>(std::llround(count)), of));
    std::iota(numbers.indices.begin(), numbers.indices.end(), 0U);
    numbers.values.assign(numbers.indices.size(), 1.0f);
    return static_cast<double>(encode_numbers(numbers).size());
}

/// How many of `pool` are drawn at least once, on average, in `draws` independent draws that each
/// hit one of them with the probability `share`.
double expected_distinct(double pool, double share, double draws) {
    return pool * (1.0 - std::pow(1.0 - share, draws));
}

Traffic ferret_traffic(const Options& options, const TrainableModel& model, std::size_t clients) {
    const FerretSettings settings = ferret_settings(options, model);
    ferret::Sketch sketch;
    sketch.bases_per_block = expected_bases(settings.budget, settings.layout);
    sketch.coordinates.assign(ferret::total_of(settings.budget), 0.0f);
    const auto size = static_cast<double>(ferret::encode(sketch, settings.format).size());
    // Sketches add where all clients share bases. Where each spreads the budget its own way, the
    // sum has the most bases that any client gave a block, and SparseSign's cannot be added.
    const bool same_bases = !ferret::depends_on_update(settings.budget);
    const bool adds = settings.sharing == SeedSharing::shared &&
                      (same_bases || !std::holds_alternative<ferret::SparseSign>(settings.basis));
    return {size, adds ? size : static_cast<double>(clients) * size,
            !adds || same_bases || clients == 1};
}

/// At server rate 1, FedKSeed sends a number for every direction that was walked; Pro sends one for
/// every step up, and all probabilities down.
Traffic fed_kseed_traffic(const Options& options, std::size_t clients, bool pro) {
    const auto pool = static_cast<std::uint64_t>(options.pool_size);
    const auto of = static_cast<double>(pool);
    const auto steps = static_cast<double>(options.local_steps);
    const double walked = expected_distinct(of, 1.0 / of, steps);
    const double changed = expected_distinct(of, 1.0 / of, steps * static_cast<double>(clients));
    // Steps along one direction again have an index and a value each.
    const double each = pool <= (1u << 16) ? 6.0 : 8.0;
    return {pro ? numbers_size(0.0, pool) + each * steps : numbers_size(walked, pool),
            numbers_size(changed, pool) + (pro ? numbers_size(of, pool) : 0.0), false};
}

Traffic top_k_traffic(const Options& options, const TrainableModel& model, std::size_t clients) {
    const auto parameters = static_cast<std::uint64_t>(parameter_count(model.parameters));
    const auto budget = static_cast<double>(options.budget);
    // If no two clients send the same entry.
    return {numbers_size(budget, parameters),
            numbers_size(budget * static_cast<double>(clients), parameters), false};
}

Traffic ferret_public_traffic(const Options& options, const TrainableModel& model,
                              std::size_t clients) {
    const ferret::Layout layout = make_layout(model, options.layout, options.blocks);
    std::vector<double> sizes;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        sizes.push_back(static_cast<double>(layout.block_size(block)));
    }
    const double largest = *std::max_element(sizes.begin(), sizes.end());
    const auto pool = static_cast<double>(options.pool_size);
    double sent = 0.0;
    double in_mean = 0.0;
    double all = 0.0;
    for (const double size : sizes) {
        const double seeds = std::min(pool, size);
        const double wished = std::floor(std::sqrt(size / largest) * pool);
        const double drawn = std::min(std::max(wished, 2.0), seeds);
        sent += drawn;
        in_mean += expected_distinct(seeds, drawn / seeds, static_cast<double>(clients));
        all += seeds;
    }
    const auto of = static_cast<std::uint64_t>(all);
    return {numbers_size(sent, of), numbers_size(in_mean, of), false};
}

}  // namespace

std::vector<std::uint32_t> expected_bases(const ferret::BudgetRule& rule,
                                          const ferret::Layout& layout) {
    std::vector<double> squared_norms;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        squared_norms.push_back(static_cast<double>(layout.block_size(block)));
    }
    return ferret::allocate(rule, layout, squared_norms);
}

Weights adapter_parameters(const Options& options, const TrainableModel& model) {
    const LoraSettings settings{.rank = options.lora_rank, .alpha = options.lora_alpha};
    return LoraAdapters(model.names, model.parameters, settings, options.seed).parameters();
}

Traffic estimate_traffic(const Options& options, const TrainableModel& model, std::size_t clients) {
    const std::string& name = options.algorithm;
    if (name == "ferret") return ferret_traffic(options, model, clients);
    if (name == "ferret-public") return ferret_public_traffic(options, model, clients);
    if (name == "fedkseed" || name == "fedkseed-pro") {
        return fed_kseed_traffic(options, clients, name == "fedkseed-pro");
    }
    if (name == "top-k") return top_k_traffic(options, model, clients);
    if (name == "fedavg" || name == "fedzo" || name == "fedit" || name == "fedit-sgd") {
        const bool adapters = name == "fedit" || name == "fedit-sgd";
        const auto size = static_cast<double>(
            encoded_size(adapters ? adapter_parameters(options, model) : model.parameters));
        return {size, size};
    }
    throw std::invalid_argument("traffic: unknown algorithm '" + name + "'");
}

}  // namespace fed_llm
