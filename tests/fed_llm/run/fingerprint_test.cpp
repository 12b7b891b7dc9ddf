#include "run/fingerprint.hpp"

#include "support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("the fingerprint of data sees every token and whose it is") {
    const FederatedDataset dataset = random_dataset(2);
    const std::string print = fingerprint(dataset);
    CHECK(print.size() == 16);
    CHECK(fingerprint(random_dataset(2)) == print);
    FederatedDataset other = dataset;
    other.clients[1].examples[4].tokens[7] ^= 1;
    CHECK(fingerprint(other) != print);
    other = dataset;
    other.test[0].prompt_length = 2;
    CHECK(fingerprint(other) != print);
    other = dataset;
    other.clients[1].examples.insert(other.clients[1].examples.begin(),
                                     other.clients[0].examples.back());
    other.clients[0].examples.pop_back();
    CHECK(fingerprint(other) != print);
}

TEST_CASE("the fingerprint of weights sees every bit") {
    Weights weights = clone_weights(bigram_model().parameters);
    const std::string print = fingerprint(weights);
    CHECK(fingerprint(bigram_model().parameters) == print);
    weights[1][3] = std::nextafter(weights[1][3].item<float>(), 100.0f);
    CHECK(fingerprint(weights) != print);
}
