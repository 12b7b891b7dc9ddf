#include "fed_llm/model/trainable_llama.hpp"

#include <stdexcept>

#include "fed_llm/model/loss.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

Client client_of(std::int64_t first) {
    Client client;
    for (std::int64_t i = 0; i < 3; ++i) {
        Example example;
        example.tokens = {first + i, 2, 3, 4};
        example.prompt_length = 1;
        client.examples.push_back(example);
    }
    return client;
}

}  // namespace

TEST_CASE("a batch is of one client's examples") {
    const std::vector<Client> clients{client_of(5), client_of(20)};
    Llama llama = tiny_model(tiny_config());
    const federated::TrainableModel model = trainable(llama, clients);
    CHECK(model.names.size() == model.parameters.size());
    CHECK(model.parameters.size() == llama->parameters().size());

    const std::vector<std::size_t> indices{2, 0};
    const std::vector<Example> examples{clients[1].examples[2], clients[1].examples[0]};
    CHECK(model.mean_loss({1, indices}) == mean_response_loss(llama, examples));
    const torch::Tensor loss = model.loss({1, indices});
    CHECK(loss.item<double>() == response_loss(llama, examples).item<double>());
    loss.backward();
    CHECK(model.parameters[0].grad().defined());
    const std::vector<std::size_t> beyond{3};
    CHECK_THROWS_AS(model.loss({1, beyond}), std::out_of_range);
}
