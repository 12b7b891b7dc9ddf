#include "federated/algorithm/fed_it.hpp"

#include "federated/algorithm/memory_parts.hpp"
#include "federated/message/tensor_message.hpp"

namespace federated {
namespace {

TrainableModel tuned_by(LoraAdapters& adapters, const TrainableModel& model) {
    TrainableModel tuned;
    tuned.names = adapters.names();
    tuned.parameters = adapters.parameters();
    tuned.loss = [&adapters, loss = model.loss](const Batch& batch) {
        return adapters.loss([&] { return loss(batch); });
    };
    tuned.mean_loss = [&adapters, mean_loss = model.mean_loss](const Batch& examples) {
        adapters.apply();
        return mean_loss(examples);
    };
    return tuned;
}

}  // namespace

FedItClient::FedItClient(TrainableModel& model, const LocalTraining& training,
                         const LoraSettings& lora, std::uint64_t seed)
    : adapters_(model.names, model.parameters, lora, seed),
      tuned_(tuned_by(adapters_, model)),
      fed_avg_(tuned_, first_order_trainer(training), seed) {}

ClientUpdate FedItClient::train(const Participant& participant, const Round& round,
                                std::span<const std::byte> kept, const StepObserver& on_step) {
    ClientUpdate update = fed_avg_.train(participant, round, kept, on_step);
    adapters_.apply();
    return update;
}

void FedItClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    fed_avg_.follow(round, broadcast);
    adapters_.apply();
}

std::vector<std::byte> FedItClient::state() const {
    return encode_tensors(tuned_.parameters);
}

void FedItClient::restore(std::span<const std::byte> state) {
    assign_weights(tuned_.parameters, decode_tensors(state, tuned_.parameters, "FedIT adapters"));
    adapters_.apply();
}

namespace {

constexpr std::string_view options_read[] = {"lora-rank", "lora-alpha"};

LoraSettings lora_settings(const AlgorithmOptions& options) {
    return {.rank = options.lora_rank, .alpha = options.lora_alpha};
}

Weights adapters_of(const AlgorithmOptions& options, const TrainableModel& model) {
    return LoraAdapters(model.names, model.parameters, lora_settings(options), options.seed)
        .parameters();
}

/// FedIT is named after its optimiser, whatever the options say.
template <OptimizerKind optimizer>
AlgorithmOptions named(AlgorithmOptions options) {
    options.optimizer = name_of(optimizers, optimizer);
    return options;
}

template <OptimizerKind optimizer>
constexpr AlgorithmEntry entry(std::string_view name, std::string_view summary) {
    return {
        .name = name,
        .summary = summary,
        .options = options_read,
        .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                          Transport*) -> std::unique_ptr<ClientAlgorithm> {
            return std::make_unique<FedItClient>(model, local_training(named<optimizer>(options)),
                                                 lora_settings(options), options.seed);
        },
        .make_server = [](const AlgorithmOptions& options,
                          const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
            return std::make_unique<FedAvgServer>(adapters_of(options, model));
        },
        .traffic = [](const AlgorithmOptions& options, const TrainableModel& model,
                      std::size_t) { return full_traffic(adapters_of(options, model)); },
        .memory =
            [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t) {
                const Weights tuned = adapters_of(options, model);
                double adapted =
                    0.0;  // a matrix [out, in] has the pair A [rank, in], B [out, rank]
                for (std::size_t i = 0; i + 1 < tuned.size(); i += 2) {
                    adapted += bytes_per_number *
                               static_cast<double>(tuned[i].size(1) * tuned[i + 1].size(0));
                }
                std::vector<MemoryPart> parts = {
                    {"adapted matrices, their gradients and changes", 3.0 * adapted},
                    numbers_in_memory("adapters", tuned)};
                for (const MemoryPart& part :
                     with_update_sum(first_order_memory(named<optimizer>(options), tuned), tuned)) {
                    parts.push_back(part);
                }
                return parts;
            }};
}

}  // namespace

constinit const AlgorithmEntry fed_it_entry =
    entry<OptimizerKind::adam>("fedit", "low-rank adapters, by Adam");
constinit const AlgorithmEntry fed_it_sgd_entry =
    entry<OptimizerKind::sgd>("fedit-sgd", "low-rank adapters, by SGD");

}  // namespace federated
