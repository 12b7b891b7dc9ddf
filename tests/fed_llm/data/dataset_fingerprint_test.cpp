#include "fed_llm/data/dataset_fingerprint.hpp"

#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

FederatedDataset small_dataset() {
    FederatedDataset dataset;
    std::int64_t token = 1;
    const auto examples = [&](std::size_t count) {
        std::vector<Example> made(count);
        for (Example& example : made) {
            example.prompt_length = 1;
            for (int i = 0; i < 8; ++i) example.tokens.push_back(token = token * 7 % 31);
        }
        return made;
    };
    for (int client = 0; client < 2; ++client) {
        dataset.clients.push_back({.name = "client", .examples = examples(5), .categories = {}});
    }
    dataset.test = examples(6);
    return dataset;
}

}  // namespace

TEST_CASE("the fingerprint of data sees every token and whose it is") {
    const FederatedDataset dataset = small_dataset();
    const std::string print = fingerprint(dataset);
    CHECK(print.size() == 16);
    CHECK(fingerprint(small_dataset()) == print);
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
