#include "federated/algorithm/fed_avg.hpp"

#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/message/tensor_message.hpp"

namespace federated {

void make_full_update(const Weights& before, Weights& after) {
    make_delta(before, after);
    if (!all_finite(after)) throw ferret::NonFinite("its update is infinite or not a number");
}

void UpdateSum::add(Weights update) {
    if (clients_++ == 0) {
        sum_ = std::move(update);
    } else {
        add_weights(sum_, update, 1.0);
    }
}

void UpdateSum::follow(const Weights& sum, std::uint64_t clients, double server_rate,
                       Weights& model) {
    add_weights(model, sum, -server_rate / static_cast<double>(clients));
}

FedAvgClient::FedAvgClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed)
    : model_(model), client_(model, std::move(train), seed) {}

ClientUpdate FedAvgClient::train(const Participant& participant, const Round& round,
                                 std::span<const std::byte> kept, const StepObserver& on_step) {
    expect_no_state(kept);
    const auto make_message = [&](const Weights& before) {
        // The model's own tensors take the update, so that no further copy is needed.
        make_full_update(before, model_.parameters);
        return encode_tensors(model_.parameters);
    };
    return client_(participant, round, make_message, on_step);
}

std::vector<std::byte> encode_fed_avg_broadcast(std::uint64_t clients, const Weights& sum) {
    std::vector<std::byte> broadcast;
    ferret::append_little_endian(broadcast, clients);
    append_tensors(broadcast, sum);
    return broadcast;
}

void FedAvgClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    constexpr std::size_t header = sizeof(std::uint64_t);
    if (broadcast.size() < header) {
        throw std::runtime_error("FedAvg broadcast: expected at least " + std::to_string(header) +
                                 " bytes, got " + std::to_string(broadcast.size()));
    }
    const auto clients = ferret::read_little_endian<std::uint64_t>(broadcast, 0);
    if (clients == 0) throw std::runtime_error("FedAvg broadcast: expected a client, got none");
    const Weights sum =
        decode_tensors(broadcast.subspan(header), model_.parameters, "FedAvg broadcast");
    UpdateSum::follow(sum, clients, round.server_rate, model_.parameters);
}

void FedAvgServer::receive(const Participant&, const Round&, std::span<const std::byte> message) {
    Weights update = decode_tensors(message, like_, "FedAvg message");
    if (!all_finite(update)) {
        throw std::runtime_error("FedAvg message: it holds an infinite value or not a number");
    }
    received_.add(std::move(update));
}

std::vector<std::byte> FedAvgServer::close(const Round&) {
    expect_messages(received_.clients(), "FedAvg");
    std::vector<std::byte> broadcast =
        encode_fed_avg_broadcast(received_.clients(), received_.sum());
    received_ = {};
    return broadcast;
}

std::vector<MemoryPart> with_update_sum(std::vector<MemoryPart> steps, const Weights& tuned) {
    steps.push_back(numbers_in_memory("sum of the updates", tuned));
    return steps;
}

Traffic full_traffic(const Weights& tuned) {
    const auto size = static_cast<double>(encoded_size(tuned));
    return {size, static_cast<double>(sizeof(std::uint64_t)) + size};
}

std::unique_ptr<ServerAlgorithm> make_averaging_server(const AlgorithmOptions&,
                                                       const TrainableModel& model) {
    return std::make_unique<FedAvgServer>(model.parameters);
}

Traffic averaging_traffic(const AlgorithmOptions&, const TrainableModel& model, std::size_t) {
    return full_traffic(model.parameters);
}

namespace {
constexpr std::string_view options_read[] = {"optimizer"};
}

constinit const AlgorithmEntry fed_avg_entry{
    .name = "fedavg",
    .summary = "the whole update",
    .options = options_read,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<FedAvgClient>(model, first_order_trainer(local_training(options)),
                                              options.seed);
    },
    .make_server = make_averaging_server,
    .traffic = averaging_traffic,
    .memory =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t) {
            return with_update_sum(first_order_memory(options, model.parameters), model.parameters);
        }};

}  // namespace federated
