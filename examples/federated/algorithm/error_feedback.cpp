#include "federated/algorithm/error_feedback.hpp"

#include <ferret/error.hpp>
#include <utility>

#include "federated/message/tensor_message.hpp"
#include "federated/model/trainable_model.hpp"

namespace federated {

std::span<float> elements(const torch::Tensor& flat) {
    return {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())};
}

torch::Tensor flat_delta(const Weights& before, const Weights& after) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> parts;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const torch::Tensor delta = before[i].to(torch::kFloat32) - after[i].to(torch::kFloat32);
        parts.push_back(delta.flatten().to(torch::kCPU));
    }
    return torch::cat(parts);
}

Residual::Residual(std::uint64_t parameters, std::string name)
    : parameters_(parameters), name_(std::move(name)) {}

std::vector<std::byte> Residual::send(torch::Tensor update, const SaySome& say) {
    if (rest_.defined()) update.add_(rest_);
    if (!all_finite({update})) {
        throw ferret::NonFinite(name_ + ": with the update it is infinite or not a number");
    }
    std::vector<std::byte> message = say(elements(update));
    rest_ = std::move(update);
    return message;
}

std::vector<std::byte> Residual::state() const {
    return rest_.defined() ? encode_tensors({rest_}) : std::vector<std::byte>();
}

void Residual::restore(std::span<const std::byte> state) {
    if (state.empty()) {
        rest_ = torch::Tensor();
        return;
    }
    const Weights like{torch::empty({static_cast<std::int64_t>(parameters_)}, torch::kFloat32)};
    rest_ = decode_tensors(state, like, name_).front();
}

ClientUpdate train_with_feedback(TrainingClient& client, const TrainableModel& model,
                                 const Participant& participant, const Round& round,
                                 Residual residual, std::span<const std::byte> kept,
                                 const StepObserver& on_step, const SaySome& say) {
    residual.restore(kept);
    const auto make_message = [&](const Weights& before) {
        return residual.send(flat_delta(before, model.parameters), say);
    };
    ClientUpdate update = client(participant, round, make_message, on_step);
    update.kept = residual.state();
    return update;
}

}  // namespace federated
