#include "kd_lora/data/encoded_example.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

/// A token for each byte.
std::vector<std::int64_t> bytes_of(std::string_view sentence) {
    return {sentence.begin(), sentence.end()};
}

}  // namespace

TEST_CASE("examples are encoded in their order") {
    const std::vector<LabelledExample> examples{{"ab", 1}, {"c", 0}};
    int told = 0;
    const auto encoded = encode(examples, bytes_of, [&] { ++told; });
    CHECK(encoded == std::vector<EncodedExample>{{{'a', 'b'}, 1}, {{'c'}, 0}});
    CHECK(told == 2);
    CHECK(encode(examples, bytes_of) == encoded);
    CHECK(encode({}, bytes_of).empty());
}

TEST_CASE("what an observer throws ends the encoding, and a sentence has tokens") {
    const std::vector<LabelledExample> examples{{"ab", 1}, {"c", 0}};
    CHECK_THROWS_AS(encode(examples, bytes_of, [] { throw std::runtime_error("stop"); }),
                    std::runtime_error);
    CHECK_THROWS_WITH_AS(
        encode(examples, [](std::string_view) { return std::vector<std::int64_t>{}; }),
        "encode: expected tokens, got none for 'ab'", std::invalid_argument);
}

TEST_CASE("a fingerprint tells tokens, labels and their order apart") {
    using Examples = std::vector<EncodedExample>;
    const std::string first = fingerprint(Examples{{{1, 2}, 0}, {{3}, 1}});
    CHECK(first.size() == 16);
    CHECK(fingerprint(Examples{{{1, 2}, 0}, {{3}, 1}}) == first);
    CHECK(fingerprint(Examples{{{1, 2}, 1}, {{3}, 1}}) != first);
    CHECK(fingerprint(Examples{{{1}, 0}, {{2, 3}, 1}}) != first);
    CHECK(fingerprint(Examples{{{3}, 1}, {{1, 2}, 0}}) != first);
    CHECK(fingerprint(Examples{{{1, 2}, 0}}) != first);
}
