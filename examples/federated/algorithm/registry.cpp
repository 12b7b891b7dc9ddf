#include "federated/algorithm/registry.hpp"

#include <algorithm>
#include <stdexcept>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/algorithm/fed_it.hpp"
#include "federated/algorithm/fed_kseed.hpp"
#include "federated/algorithm/fed_zo.hpp"
#include "federated/algorithm/ferret.hpp"
#include "federated/algorithm/ferret_public.hpp"
#include "federated/algorithm/memory_parts.hpp"
#include "federated/algorithm/sign_feedback.hpp"
#include "federated/algorithm/top_k.hpp"
#include "federated/message/round_message.hpp"
#include "federated/options/byte_count.hpp"

namespace federated {
namespace {

constexpr const AlgorithmEntry* entries[] = {
    &ferret_entry, &fed_avg_entry,    &fed_kseed_entry, &fed_kseed_pro_entry, &fed_zo_entry,
    &fed_it_entry, &fed_it_sgd_entry, &top_k_entry,     &sign_feedback_entry, &ferret_public_entry};

bool names(const AlgorithmEntry& algorithm, std::string_view key) {
    return std::ranges::find(algorithm.options, key) != algorithm.options.end();
}

}  // namespace

std::span<const AlgorithmEntry* const> algorithms() {
    return entries;
}

std::vector<std::string> algorithm_names() {
    std::vector<std::string> all;
    for (const AlgorithmEntry* entry : entries) all.emplace_back(entry->name);
    return all;
}

const AlgorithmEntry& find_algorithm(std::string_view name) {
    std::string expected;
    for (const AlgorithmEntry* entry : entries) {
        if (entry->name == name) return *entry;
        expected += (expected.empty() ? "" : ", ") + std::string(entry->name);
    }
    throw std::invalid_argument("algorithm: expected one of " + expected + ", got '" +
                                std::string(name) + "'");
}

bool reads_option(const AlgorithmEntry& algorithm, std::string_view key) {
    return names(algorithm, key) || readers_of(key).empty();
}

std::string readers_of(std::string_view key) {
    std::string readers;
    for (const AlgorithmEntry* entry : entries) {
        if (names(*entry, key)) readers += (readers.empty() ? "" : ", ") + std::string(entry->name);
    }
    return readers;
}

std::unique_ptr<ClientAlgorithm> make_client(const AlgorithmOptions& options, TrainableModel& model,
                                             Transport* shards) {
    const AlgorithmEntry& algorithm = find_algorithm(options.algorithm);
    if (shards != nullptr && !algorithm.shards) {
        throw std::invalid_argument("shards: " + options.algorithm +
                                    " cannot spread an update over processes; expected 1");
    }
    return algorithm.make_client(options, model, shards);
}

std::unique_ptr<ServerAlgorithm> make_server(const AlgorithmOptions& options,
                                             const TrainableModel& model) {
    return find_algorithm(options.algorithm).make_server(options, model);
}

Traffic estimate_traffic(const AlgorithmOptions& options, const TrainableModel& model,
                         std::size_t clients) {
    Traffic traffic = find_algorithm(options.algorithm).traffic(options, model, clients);
    traffic.up += static_cast<double>(update_header_size);
    traffic.down += static_cast<double>(broadcast_header_size + seal_size);
    return traffic;
}

std::vector<MemoryPart> estimate_memory(const AlgorithmOptions& options,
                                        const TrainableModel& model, std::size_t clients) {
    std::vector<MemoryPart> parts = {numbers_in_memory("weights", model.parameters)};
    for (const MemoryPart& part :
         find_algorithm(options.algorithm).memory(options, model, clients)) {
        if (part.bytes > 0.0) parts.push_back(part);
    }
    return parts;
}

AlgorithmOptions complete_options(const AlgorithmOptions& options, const TrainableModel& model,
                                  std::size_t clients) {
    const AlgorithmEntry& algorithm = find_algorithm(options.algorithm);
    if (algorithm.complete == nullptr) return options;
    if (options.budget > 0 && !options.bytes.empty()) {
        throw std::invalid_argument("bytes: expected --bytes or --budget, got both");
    }
    if ((options.budget > 0 || options.budget_down > 0) && !options.bytes_down.empty()) {
        throw std::invalid_argument(std::string("bytes-down: expected --budget-down where "
                                                "coordinates are counted, got it beside ") +
                                    (options.budget_down > 0 ? "--budget-down" : "--budget"));
    }
    const double whole = fed_avg_entry.traffic(options, model, clients).up;
    const double up = parse_bytes(options.bytes.empty() ? default_bytes : options.bytes, whole);
    const double down = options.bytes_down.empty() ? up : parse_bytes(options.bytes_down, whole);
    return algorithm.complete(options, model, clients, up - static_cast<double>(update_header_size),
                              down - static_cast<double>(broadcast_header_size + seal_size));
}

double server_rate_of(const AlgorithmOptions& options) {
    return options.server_lr > 0.0 ? options.server_lr : 1.0;
}

}  // namespace federated
