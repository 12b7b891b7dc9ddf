#include "federated/algorithm/memory_parts.hpp"

#include "federated/options/algorithm_choices.hpp"

namespace federated {
namespace {

constexpr std::string_view round_weights = "copy of the round's weights";

}  // namespace

MemoryPart numbers_in_memory(std::string_view what, const Weights& tensors) {
    return {what, bytes_per_number * static_cast<double>(parameter_count(tensors))};
}

std::vector<MemoryPart> first_order_memory(const AlgorithmOptions& options, const Weights& tuned) {
    MemoryPart moments = numbers_in_memory("optimiser", tuned);
    const OptimizerKind optimizer = choose(optimizers, "optimizer", options.optimizer);
    moments.bytes *= optimizer == OptimizerKind::sgd ? 0.0 : 2.0;
    return {numbers_in_memory(round_weights, tuned), numbers_in_memory("gradients", tuned),
            moments};
}

std::vector<MemoryPart> with_residuals(std::vector<MemoryPart> parts, const Weights& tuned,
                                       std::size_t clients) {
    MemoryPart of_clients = numbers_in_memory("residuals of all clients", tuned);
    of_clients.bytes *= static_cast<double>(clients);
    parts.push_back(of_clients);
    parts.push_back(numbers_in_memory("residual of the server", tuned));
    return parts;
}

std::vector<MemoryPart> zeroth_order_memory(const Weights& tuned) {
    return {numbers_in_memory(round_weights, tuned)};
}

}  // namespace federated
