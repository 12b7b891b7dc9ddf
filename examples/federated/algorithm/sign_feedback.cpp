#include "federated/algorithm/sign_feedback.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/message/sign_update.hpp"

namespace federated {
namespace {

Residual residual_of(std::span<const std::size_t> sizes, const std::string& name) {
    return {std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}), name};
}

SaySome say_signs(std::span<const std::size_t> sizes) {
    return [=](std::span<float> meant) {
        std::vector<std::byte> message = encode_signs(meant, sizes);
        const std::vector<float> said = decode_signs(message, sizes, "signs");
        std::ranges::transform(meant, said, meant.begin(), std::minus<>());
        return message;
    };
}

}  // namespace

SignFeedbackClient::SignFeedbackClient(TrainableModel& model, LocalTrainer train,
                                       std::uint64_t seed)
    : model_(model),
      client_(model, std::move(train), seed),
      sizes_(tensor_sizes(model.parameters)) {}

ClientUpdate SignFeedbackClient::train(const Participant& participant, const Round& round,
                                       std::span<const std::byte> kept,
                                       const StepObserver& on_step) {
    return train_with_feedback(client_, model_, participant, round,
                               residual_of(sizes_, "sign-feedback residual"), kept, on_step,
                               say_signs(sizes_));
}

void SignFeedbackClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    const torch::NoGradGuard no_grad;
    std::vector<float> update = decode_signs(broadcast, sizes_, "sign-feedback broadcast");
    const torch::Tensor all =
        torch::from_blob(update.data(), {static_cast<std::int64_t>(update.size())}, torch::kFloat32)
            .mul_(-round.server_rate);
    std::int64_t begin = 0;
    for (torch::Tensor& parameter : model_.parameters) {
        const torch::Tensor part = all.narrow(0, begin, parameter.numel()).view(parameter.sizes());
        parameter.add_(part.to(parameter.device(), parameter.scalar_type()));
        begin += parameter.numel();
    }
}

SignFeedbackServer::SignFeedbackServer(std::vector<std::size_t> sizes)
    : sizes_(std::move(sizes)), residual_(residual_of(sizes_, "sign-feedback server's residual")) {}

void SignFeedbackServer::receive(const Participant&, const Round&,
                                 std::span<const std::byte> message) {
    std::vector<float> update = decode_signs(message, sizes_, "sign-feedback message");
    if (received_++ == 0) {
        sum_ = std::move(update);
    } else {
        std::ranges::transform(sum_, update, sum_.begin(), std::plus<>());
    }
}

std::vector<std::byte> SignFeedbackServer::close(const Round&) {
    expect_messages(received_, "sign-feedback");
    torch::Tensor mean = torch::tensor(std::exchange(sum_, {}), torch::kFloat32)
                             .div_(static_cast<double>(received_));
    received_ = 0;
    return residual_.send(std::move(mean), say_signs(sizes_));
}

namespace {

constexpr std::string_view options_read[] = {"optimizer"};

}  // namespace

constinit const AlgorithmEntry sign_feedback_entry{
    .name = "sign-feedback",
    .summary = "the signs of the update, what they leave out kept for the next time",
    .options = options_read,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<SignFeedbackClient>(
            model, first_order_trainer(local_training(options)), options.seed);
    },
    .make_server = [](const AlgorithmOptions&,
                      const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
        return std::make_unique<SignFeedbackServer>(tensor_sizes(model.parameters));
    },
    .traffic =
        [](const AlgorithmOptions&, const TrainableModel& model, std::size_t) {
            const auto size =
                static_cast<double>(encoded_signs_size(tensor_sizes(model.parameters)));
            return Traffic{size, size};
        },
    .memory =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t clients) {
            std::vector<MemoryPart> parts = first_order_memory(options, model.parameters);
            parts.push_back(numbers_in_memory("sum of the updates", model.parameters));
            return with_residuals(std::move(parts), model.parameters, clients);
        }};

}  // namespace federated
