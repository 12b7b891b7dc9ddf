#include "kd_lora/run/scheme_roles.hpp"

#include <utility>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/algorithm/ferret.hpp"
#include "kd_lora/federation/distilling_server.hpp"

namespace kd_lora {
namespace {

/// What a client counts by.
WeightOf weight_of(const Options& options, const RunInputs& inputs) {
    const ClientTraining training = client_training(options, inputs);
    const ClientWeight by =
        federated::choose(client_weights, "client-weight", options.client_weight);
    return [training, by](const federated::Participant& participant) {
        const std::size_t examples = examples_of_pass(training, participant.examples);
        const std::size_t batches = (examples + training.batch_size - 1) / training.batch_size;
        return static_cast<double>(by == ClientWeight::examples ? examples : batches);
    };
}

}  // namespace

ExampleSource training_source(const Options& options, const RunInputs& inputs) {
    return {inputs.train, inputs.tokenizer.pad(), torch::Device(options.device)};
}

ExampleSource validation_source(const Options& options, const RunInputs& inputs) {
    return {inputs.validation, inputs.tokenizer.pad(), torch::Device(options.device)};
}

ClientTraining client_training(const Options& options, const RunInputs& inputs) {
    return {.source = training_source(options, inputs),
            .clients = inputs.shares.clients,
            .batch_size = static_cast<std::size_t>(options.batch_size),
            .examples_per_round = static_cast<std::size_t>(options.examples_per_round),
            .epochs = options.client_epochs,
            .batching = federated::choose(batchings, "batching", options.batching),
            .optimizer = federated::choose(adamw_kinds, "optimizer", options.optimizer),
            .learning_rate = rate_of(options, Command::run),
            .seed = options.seed};
}

ServerPhase server_phase(const Options& options, const RunInputs& inputs) {
    return {.source = training_source(options, inputs),
            .share = inputs.shares.server,
            .examples_per_pass = static_cast<std::size_t>(options.public_examples),
            .teacher_epochs = options.teacher_epochs,
            .distillation_epochs = options.kd_epochs,
            .teacher_rate = options.distill_lr,
            .student_rate = options.student_distill_lr > 0.0 ? options.student_distill_lr
                                                             : rate_of(options, Command::run),
            .optimizer = federated::choose(adamw_kinds, "optimizer", options.optimizer),
            .batch_size = static_cast<std::size_t>(options.batch_size),
            .batching = federated::choose(batchings, "batching", options.batching),
            .loss = {.kl = federated::choose(kl_kinds, "kl", options.kl),
                     .attention = federated::choose(attention_losses, "attention-loss",
                                                    options.attention_loss),
                     .attention_weight = options.attention_weight,
                     .detach_divisor = federated::choose(yes_or_no, "detach", options.detach)},
            .maps = federated::choose(attention_maps, "attention-maps", options.attention_maps),
            .seed = options.seed};
}

federated::AlgorithmOptions algorithm_options(const Options& options,
                                              const federated::TrainableModel& model) {
    federated::AlgorithmOptions algorithm = options;
    algorithm.optimizer = "adamw";  // for what it holds in memory
    if (!has_sketches(scheme_of(options))) {
        algorithm.algorithm = federated::fed_avg_entry.name;
        return algorithm;
    }
    algorithm.algorithm = federated::ferret_entry.name;
    return federated::complete_options(algorithm, model, static_cast<std::size_t>(options.clients));
}

federated::Traffic scheme_traffic(const Options& options,
                                  const federated::AlgorithmOptions& complete,
                                  const federated::TrainableModel& model) {
    federated::Traffic traffic =
        federated::estimate_traffic(complete, model, static_cast<std::size_t>(options.clients));
    // Weights come down as they are, without FedAvg's number of clients.
    if (has_teacher(scheme_of(options))) traffic.down -= sizeof(std::uint64_t);
    return traffic;
}

std::unique_ptr<federated::ClientAlgorithm> make_client(const Options& options,
                                                        const federated::AlgorithmOptions& complete,
                                                        const RunInputs& inputs,
                                                        const SequenceClassifier& student,
                                                        federated::TrainableModel& model) {
    federated::LocalTrainer train = client_trainer(student, client_training(options, inputs));
    const Scheme scheme = scheme_of(options);
    if (has_sketches(scheme)) {
        return std::make_unique<federated::FerretClient>(model, std::move(train),
                                                         federated::ferret_plan(complete, model));
    }
    if (has_teacher(scheme)) {
        return std::make_unique<DistilledClient>(model, std::move(train), options.seed);
    }
    return std::make_unique<federated::FedAvgClient>(model, std::move(train), options.seed);
}

std::unique_ptr<federated::ServerAlgorithm> make_server(
    const Options& options, const federated::AlgorithmOptions& complete, const RunInputs& inputs,
    const SequenceClassifier& student, const SequenceClassifier* teacher,
    federated::TrainableModel& model, UpdateObserver on_update,
    federated::ProgressObserver observe) {
    if (has_sketches(scheme_of(options))) {
        return std::make_unique<federated::FerretServer>(federated::ferret_plan(complete, model));
    }
    WeightedAverageServer average(model.parameters, weight_of(options, inputs),
                                  std::move(on_update));
    if (teacher == nullptr) return std::make_unique<WeightedAverageServer>(std::move(average));
    return std::make_unique<DistillingServer>(std::move(average), model, student, *teacher,
                                              server_phase(options, inputs), std::move(observe));
}

}  // namespace kd_lora
