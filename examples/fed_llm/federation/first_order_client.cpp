#include "federation/first_order_client.hpp"

#include <string>

#include <ferret/error.hpp>
#include "data/sampling.hpp"
#include "federation/stopwatch.hpp"

namespace fed_llm {

FirstOrderClient::FirstOrderClient(TrainableModel& model, const LocalTraining& training,
                                   std::uint64_t seed)
    : model_(model), training_(training), seed_(seed), before_(clone_weights(model.parameters)) {}

ClientUpdate FirstOrderClient::operator()(const Participant& participant, const Round& round,
                                          const MakeMessage& make_message,
                                          const StepObserver& on_step) {
    assign_weights(before_, model_.parameters);
    DataOrder order(participant.client.examples.size(),
                    named_generator(seed_, "data of client " + std::to_string(participant.id) +
                                               " in round " + std::to_string(round.number)));
    ClientUpdate update;
    Stopwatch watch;
    const LocalResult result =
        train_locally(model_, participant.client.examples, training_, std::move(order), on_step);
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

}  // namespace fed_llm
