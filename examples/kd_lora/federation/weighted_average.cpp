#include "kd_lora/federation/weighted_average.hpp"

#include <stdexcept>
#include <utility>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/message/tensor_message.hpp"

namespace kd_lora {

WeightedAverageServer::WeightedAverageServer(federated::Weights like, WeightOf weight_of,
                                             UpdateObserver on_update)
    : like_(std::move(like)), weight_of_(std::move(weight_of)), on_update_(std::move(on_update)) {}

void WeightedAverageServer::receive(const federated::Participant& participant,
                                    const federated::Round&, std::span<const std::byte> message) {
    federated::Weights update = federated::decode_tensors(message, like_, "FedAvg message");
    if (!federated::all_finite(update)) {
        throw std::runtime_error("FedAvg message: it holds an infinite value or not a number");
    }
    if (on_update_) on_update_(update);
    const double weight = weight_of_(participant);
    const torch::NoGradGuard no_grad;
    if (sum_.empty()) {
        sum_ = std::move(update);
        for (torch::Tensor& tensor : sum_) tensor.mul_(weight);
    } else {
        federated::add_weights(sum_, update, weight);
    }
    weights_ += weight;
}

federated::Weights WeightedAverageServer::close_mean() {
    federated::expect_messages(sum_.size(), "FedAvg");
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& tensor : sum_) tensor.div_(weights_);
    weights_ = 0.0;
    return std::exchange(sum_, {});
}

std::vector<std::byte> WeightedAverageServer::close(const federated::Round&) {
    return federated::encode_fed_avg_broadcast(1, close_mean());
}

}  // namespace kd_lora
