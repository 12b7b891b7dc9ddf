#include "kd_lora/data/batch.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>

#include "federated/round/sampling.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

using Numbers = std::vector<std::int64_t>;
using Rows = std::vector<std::size_t>;

/// An example of each of these lengths; its tokens are its number.
std::vector<EncodedExample> of_lengths(const std::vector<std::size_t>& lengths) {
    std::vector<EncodedExample> examples;
    for (const std::size_t length : lengths) {
        const auto number = static_cast<std::int64_t>(examples.size());
        examples.push_back({Numbers(length, number), number % 2});
    }
    return examples;
}

std::size_t padded_tokens(const std::vector<EncodedExample>& examples, const BatchRows& batches) {
    std::size_t sum = 0;
    for (const Rows& rows : batches) sum += make_batch(examples, rows, 0).tokens.size();
    return sum;
}

Rows sorted_rows(const BatchRows& batches) {
    Rows rows;
    for (const Rows& batch : batches) rows.insert(rows.end(), batch.begin(), batch.end());
    std::ranges::sort(rows);
    return rows;
}

}  // namespace

TEST_CASE("a batch is as long as its longest row") {
    const auto examples = of_lengths({2, 4, 1, 3});
    const Batch batch = make_batch(examples, Rows{3, 0, 2}, 9);
    CHECK(batch.rows == 3);
    CHECK(batch.length == 3);
    CHECK(batch.tokens == Numbers{3, 3, 3, 0, 0, 9, 2, 9, 9});
    CHECK(batch.attention_mask == Numbers{1, 1, 1, 1, 1, 0, 1, 0, 0});
    CHECK(batch.labels == Numbers{1, 0, 0});
    CHECK_THROWS_AS(make_batch(examples, {}, 0), std::invalid_argument);
}

TEST_CASE("a token that is the padding one is a token all the same") {
    const std::vector<EncodedExample> examples{{{0, 5}, 0}, {{0}, 1}};
    const Batch batch = make_batch(examples, Rows{0, 1}, 0);
    CHECK(batch.tokens == Numbers{0, 5, 0, 0});
    CHECK(batch.attention_mask == Numbers{1, 1, 1, 0});
}

TEST_CASE("batches go through the rows in their order") {
    CHECK(cut_batches(Rows{5, 1, 4, 2, 3}, 2) == BatchRows{{5, 1}, {4, 2}, {3}});
    CHECK(cut_batches(Rows{5, 1}, 32) == BatchRows{{5, 1}});
    CHECK(cut_batches(Rows{5, 1}, 2) == BatchRows{{5, 1}});
    CHECK(cut_batches({}, 2).empty());
    CHECK_THROWS_AS(cut_batches(Rows{1}, 0), std::invalid_argument);
}

TEST_CASE("batches by length begin with the shortest, equal ones in their order") {
    const auto examples = of_lengths({3, 1, 2, 1, 3, 2});
    CHECK(batches_by_length(examples, Rows{4, 0, 5, 3, 1}, 2) == BatchRows{{3, 1}, {5, 4}, {0}});
}

TEST_CASE("batches of like length come in random order and save padding") {
    std::vector<std::size_t> lengths;
    std::mt19937_64 drawn = federated::named_generator(1, "lengths");
    for (int i = 0; i < 500; ++i) lengths.push_back(1 + federated::random_index(drawn, 60));
    const auto examples = of_lengths(lengths);
    Rows rows(500);
    std::iota(rows.begin(), rows.end(), std::size_t{0});

    std::mt19937_64 generator = federated::named_generator(2, "batches");
    const BatchRows in_order = training_batches(examples, rows, 32, Batching::random, generator);
    CHECK(in_order == cut_batches(rows, 32));
    const BatchRows like = training_batches(examples, rows, 32, Batching::length, generator);
    CHECK(like.size() == 16);
    CHECK(sorted_rows(like) == rows);
    CHECK(padded_tokens(examples, like) < padded_tokens(examples, in_order) * 2 / 3);
    const BatchRows by_length = batches_by_length(examples, rows, 32);
    CHECK(like != by_length);
    CHECK(std::set(like.begin(), like.end()) == std::set(by_length.begin(), by_length.end()));

    std::mt19937_64 again = federated::named_generator(2, "batches");
    CHECK(training_batches(examples, rows, 32, Batching::length, again) == like);
    CHECK(training_batches(examples, rows, 32, Batching::length, again) != like);
}
