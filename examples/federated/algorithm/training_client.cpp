#include "federated/algorithm/training_client.hpp"

#include <ferret/error.hpp>
#include <utility>

#include "federated/round/sampling.hpp"
#include "federated/round/stopwatch.hpp"

namespace federated {

std::mt19937_64 client_generator(std::uint64_t seed, const std::string& use,
                                 const Participant& participant, const Round& round) {
    return named_generator(seed, use + " of client " + std::to_string(participant.id) +
                                     " in round " + std::to_string(round.number));
}

LocalTrainer first_order_trainer(const LocalTraining& training) {
    return [training](TrainableModel& model, const Participant& participant, const Round&,
                      DataOrder order, const StepObserver& on_step) {
        return train_locally(model, participant.id, training, std::move(order), on_step);
    };
}

TrainingClient::TrainingClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed)
    : model_(model),
      train_(std::move(train)),
      seed_(seed),
      before_(clone_weights(model.parameters)) {}

ClientUpdate TrainingClient::operator()(const Participant& participant, const Round& round,
                                        const MakeMessage& make_message,
                                        const StepObserver& on_step) {
    assign_weights(before_, model_.parameters);
    DataOrder order(participant.examples, client_generator(seed_, "data", participant, round));
    ClientUpdate update;
    Stopwatch watch;
    const LocalResult result = train_(model_, participant, round, std::move(order), on_step);
    update.training_seconds = watch.lap();
    update.training_loss = result.mean_loss;
    if (result.finite) {
        try {
            update.message = make_message(before_);
        } catch (const ferret::NonFinite& error) {
            update.failure = error.what();
        }
        update.projection_seconds = watch.lap();
    } else {
        update.failure = "its loss or weights became infinite or not a number";
    }
    assign_weights(model_.parameters, before_);
    return update;
}

}  // namespace federated
