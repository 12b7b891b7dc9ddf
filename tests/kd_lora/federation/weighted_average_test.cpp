#include "kd_lora/federation/weighted_average.hpp"

#include <limits>
#include <stdexcept>
#include <vector>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/message/tensor_message.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

TEST_CASE("clients' updates are averaged by their weights, and FedAvg's client follows") {
    federated::TrainableModel model;
    model.names = {"w"};
    model.parameters = {torch::tensor({1.0f, 2.0f})};
    std::vector<double> seen;
    WeightedAverageServer server(
        model.parameters,
        [](const federated::Participant& one) { return static_cast<double>(one.examples); },
        [&](const federated::Weights& update) { seen.push_back(update[0][0].item<double>()); });
    federated::FedAvgClient client(model, {}, 0);
    // The second round goes by its own clients alone.
    for (std::int64_t number = 1; number <= 2; ++number) {
        const federated::Round round{.number = number, .server_rate = 0.5};
        model.parameters[0].copy_(torch::tensor({1.0f, 2.0f}));
        server.receive({0, 6}, round, federated::encode_tensors({torch::tensor({4.0f, 0.0f})}));
        server.receive({1, 2}, round, federated::encode_tensors({torch::tensor({0.0f, 8.0f})}));
        client.follow(round, server.close(round));
        CHECK(torch::equal(model.parameters[0], torch::tensor({-0.5f, 1.0f})));
    }
    CHECK(seen == std::vector<double>{4.0, 0.0, 4.0, 0.0});
}

TEST_CASE("a server refuses messages that are not finite or of another model, and empty rounds") {
    WeightedAverageServer server({torch::zeros({2})},
                                 [](const federated::Participant&) { return 1.0; });
    const federated::Round round{};
    CHECK_THROWS_AS(server.receive({0, 1}, round,
                                   federated::encode_tensors({torch::tensor(
                                       {1.0f, std::numeric_limits<float>::quiet_NaN()})})),
                    std::runtime_error);
    CHECK_THROWS_AS(
        server.receive({0, 1}, round, federated::encode_tensors({torch::tensor({1.0f})})),
        std::runtime_error);
    CHECK_THROWS_AS(server.close(round), std::logic_error);
}
