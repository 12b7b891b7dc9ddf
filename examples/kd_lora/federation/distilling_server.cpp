#include "kd_lora/federation/distilling_server.hpp"

#include <string>
#include <utility>

#include "federated/message/tensor_message.hpp"
#include "federated/round/sampling.hpp"
#include "kd_lora/model/trainable_classifier.hpp"

namespace kd_lora {

DistilledClient::DistilledClient(federated::TrainableModel& model, federated::LocalTrainer train,
                                 std::uint64_t seed)
    : FedAvgClient(model, std::move(train), seed), model_(model) {}

void DistilledClient::follow(const federated::Round&, std::span<const std::byte> broadcast) {
    federated::assign_weights(
        model_.parameters,
        federated::decode_tensors(broadcast, model_.parameters, "FedKD-LoRA broadcast"));
}

DistillingServer::DistillingServer(WeightedAverageServer average, federated::TrainableModel& model,
                                   const SequenceClassifier& student,
                                   const SequenceClassifier& teacher, ServerPhase phase,
                                   federated::ProgressObserver observe)
    : average_(std::move(average)),
      model_(model),
      student_(student),
      teacher_(teacher),
      phase_(std::move(phase)),
      observe_(std::move(observe)) {}

void DistillingServer::receive(const federated::Participant& participant,
                               const federated::Round& round, std::span<const std::byte> message) {
    average_.receive(participant, round, message);
}

std::vector<std::byte> DistillingServer::close(const federated::Round& round) {
    const federated::Weights before = federated::clone_weights(model_.parameters);
    federated::add_weights(model_.parameters, average_.close_mean(), -round.server_rate);
    Dropout dropout(federated::named_generator(
        phase_.seed, "dropout of the server in round " + std::to_string(round.number)));
    const PhaseLosses losses =
        run_server_phase(teacher_, student_, phase_, batches_of_phase(phase_, round), &dropout,
                         [&](std::int64_t step, std::int64_t steps, double loss) {
                             observe_({.phase = federated::Progress::Phase::aggregation,
                                       .round = round.number,
                                       .done = step,
                                       .total = steps,
                                       .loss = loss});
                         });
    findings_ = {{"teacher_training_loss", losses.of_teacher},
                 {"distillation_loss", losses.of_both}};
    std::vector<std::byte> broadcast = federated::encode_tensors(model_.parameters);
    federated::assign_weights(model_.parameters, before);
    return broadcast;
}

std::vector<std::byte> DistillingServer::state() const {
    return federated::encode_tensors(trained_tensors(teacher_));
}

void DistillingServer::restore(std::span<const std::byte> state) {
    federated::Weights teacher = trained_tensors(teacher_);
    federated::assign_weights(teacher,
                              federated::decode_tensors(state, teacher, "state of FedKD-LoRA"));
}

}  // namespace kd_lora
