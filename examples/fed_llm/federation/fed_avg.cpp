#include "federation/fed_avg.hpp"

#include <stdexcept>
#include <utility>

#include <ferret/error.hpp>
#include "federation/tensor_message.hpp"

namespace fed_llm {

FedAvg::FedAvg(TrainableModel& model, const LocalTraining& training, std::uint64_t seed)
    : FedAvg(model, first_order_trainer(training), seed) {}

FedAvg::FedAvg(TrainableModel& model, LocalTrainer train, std::uint64_t seed)
    : model_(model), client_(model, std::move(train), seed) {}

ClientUpdate FedAvg::client_update(const Participant& participant, const Round& round,
                                   const StepObserver& on_step) {
    const auto make_message = [&](const Weights& before) {
        // The model's own tensors take the update, so that no further copy is needed.
        make_delta(before, model_.parameters);
        if (!all_finite(model_.parameters)) {
            throw ferret::NonFinite("its update is infinite or not a number");
        }
        return encode_tensors(model_.parameters);
    };
    return client_(participant, round, make_message, on_step);
}

void FedAvg::receive(std::span<const std::byte> message) {
    Weights update = decode_tensors(message, model_.parameters, "FedAvg message");
    if (!all_finite(update)) {
        throw std::runtime_error("FedAvg message: it holds an infinite value or not a number");
    }
    if (received_ == 0) {
        sum_ = std::move(update);
    } else {
        add_weights(sum_, update, 1.0);
    }
    ++received_;
}

std::size_t FedAvg::aggregate(const Round& round) {
    if (received_ == 0) throw std::logic_error("FedAvg: aggregate needs at least one message");
    add_weights(model_.parameters, sum_, -round.server_rate / static_cast<double>(received_));
    sum_.clear();
    received_ = 0;
    return encoded_size(model_.parameters);
}

}  // namespace fed_llm
