#include "federation/fed_it.hpp"

#include "federation/tensor_message.hpp"

namespace fed_llm {
namespace {

TrainableModel tuned_by(LoraAdapters& adapters, const TrainableModel& model) {
    TrainableModel tuned;
    tuned.names = adapters.names();
    tuned.parameters = adapters.parameters();
    tuned.loss = [&adapters, loss = model.loss](std::span<const Example> batch) {
        return adapters.loss([&] { return loss(batch); });
    };
    tuned.mean_loss = [&adapters, mean_loss = model.mean_loss](std::span<const Example> examples) {
        adapters.apply();
        return mean_loss(examples);
    };
    return tuned;
}

}  // namespace

FedIt::FedIt(TrainableModel& model, const LocalTraining& training, const LoraSettings& lora,
             std::uint64_t seed)
    : adapters_(model.names, model.parameters, lora, seed),
      tuned_(tuned_by(adapters_, model)),
      fed_avg_(tuned_, training, seed) {}

ClientUpdate FedIt::client_update(const Participant& participant, const Round& round,
                                  const StepObserver& on_step) {
    ClientUpdate update = fed_avg_.client_update(participant, round, on_step);
    adapters_.apply();
    return update;
}

void FedIt::receive(std::span<const std::byte> message) {
    fed_avg_.receive(message);
}

std::size_t FedIt::aggregate(const Round& round) {
    const std::size_t bytes_down = fed_avg_.aggregate(round);
    adapters_.apply();
    return bytes_down;
}

std::vector<std::byte> FedIt::state() const {
    return encode_tensors(tuned_.parameters);
}

void FedIt::restore(std::span<const std::byte> state) {
    assign_weights(tuned_.parameters, decode_tensors(state, tuned_.parameters, "FedIT adapters"));
    adapters_.apply();
}

}  // namespace fed_llm
