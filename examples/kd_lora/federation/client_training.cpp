#include "kd_lora/federation/client_training.hpp"

#include <algorithm>
#include <utility>

#include "federated/round/sampling.hpp"
#include "kd_lora/data/share_walk.hpp"
#include "kd_lora/model/trainable_classifier.hpp"

namespace kd_lora {

std::size_t examples_of_pass(const ClientTraining& training, std::size_t share) {
    return training.examples_per_round == 0 ? share : std::min(share, training.examples_per_round);
}

BatchRows batches_of_round(const ExampleSource& source, std::vector<std::size_t> share,
                           std::size_t count, std::int64_t passes, std::size_t batch_size,
                           Batching batching, std::uint64_t seed, const std::string& name,
                           const federated::Round& round) {
    const auto rounds_before = static_cast<std::uint64_t>(round.number - 1);
    std::mt19937_64 generator = federated::named_generator(
        seed, "batches of " + name + " in round " + std::to_string(round.number));
    ShareWalk walk(std::move(share), seed, name);
    walk.go_to(rounds_before * static_cast<std::uint64_t>(passes) * count);
    BatchRows batches;
    for (std::int64_t pass = 0; pass < passes; ++pass) {
        for (auto& batch :
             training_batches(source.examples, walk.take(count), batch_size, batching, generator)) {
            batches.push_back(std::move(batch));
        }
    }
    return batches;
}

federated::LocalTrainer client_trainer(const SequenceClassifier& model,
                                       const ClientTraining& training) {
    return [&model, training](federated::TrainableModel& tuned,
                              const federated::Participant& participant,
                              const federated::Round& round, federated::DataOrder,
                              const federated::StepObserver& on_step) {
        const std::vector<std::size_t>& share = training.clients.at(participant.id);
        const BatchRows batches =
            batches_of_round(training.source, share, examples_of_pass(training, share.size()),
                             training.epochs, training.batch_size, training.batching, training.seed,
                             "client " + std::to_string(participant.id), round);
        Dropout dropout(federated::client_generator(training.seed, "dropout", participant, round));
        return take_steps(
            {.groups = {{tuned.parameters, training.learning_rate}},
             .optimizer = training.optimizer},
            training.source, batches,
            [&](const BatchTensors& batch) { return cross_entropy(model, batch, &dropout); },
            on_step);
    };
}

}  // namespace kd_lora
