#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <ferret/block/layout.hpp>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <string>
#include <vector>

using ferret::InvalidLayout;
using ferret::Layout;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

using Sizes = std::vector<std::size_t>;

Sizes block_sizes(const Layout& layout) {
    Sizes sizes;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        sizes.push_back(layout.block_size(block));
    return sizes;
}

/// The tensors of a LLaMA in the order of its parameters.
Sizes llama(std::size_t layers, std::size_t hidden, std::size_t intermediate,
            std::size_t vocabulary) {
    Sizes sizes{vocabulary * hidden};
    for (std::size_t layer = 0; layer < layers; ++layer) {
        sizes.insert(sizes.end(), 4, hidden * hidden);
        sizes.insert(sizes.end(), 3, hidden * intermediate);
        sizes.insert(sizes.end(), 2, hidden);
    }
    sizes.push_back(hidden);
    sizes.push_back(vocabulary * hidden);
    return sizes;
}

}  // namespace

TEST_CASE("per_tensor: blocks are tensors") {
    const Layout layout = Layout::per_tensor({5, 300, 1});
    CHECK(layout.element_count() == 306);
    CHECK(layout.tensor_count() == 3);
    CHECK(block_sizes(layout) == Sizes{5, 300, 1});
    CHECK(layout.block_offset(2) == 305);
    CHECK(layout.tensor_offset(2) == 305);
    CHECK(layout.tensor_size(1) == 300);
}

TEST_CASE("uniform: blocks end anywhere, the last one takes the rest") {
    CHECK(block_sizes(Layout::uniform({5, 300, 1}, 100)) == Sizes{100, 100, 100, 6});
    CHECK(block_sizes(Layout::uniform({150, 150}, 100)) == Sizes{100, 100, 100});
    CHECK(block_sizes(Layout::uniform({5}, 100)) == Sizes{5});
    CHECK(block_sizes(Layout::uniform({3}, 1)) == Sizes{1, 1, 1});
    CHECK(Layout::uniform({5, 300, 1}, 100).tensor_count() == 3);
}

TEST_CASE("grouped: small tensors join the one before while it stays under 0.9 of the median") {
    // Median 10: up to 8 elements go together.
    CHECK(block_sizes(Layout::grouped({10, 4, 4, 4, 10, 20, 10})) == Sizes{10, 8, 4, 10, 20, 10});
    // Exactly 0.9 of the median is too much.
    CHECK(block_sizes(Layout::grouped({4, 5, 10, 10, 10})) == Sizes{4, 5, 10, 10, 10});
    // An even number of tensors: the median is the mean of the two in the middle, 10.
    CHECK(block_sizes(Layout::grouped({4, 4, 16, 16})) == Sizes{8, 16, 16});
    CHECK(block_sizes(Layout::grouped({7})) == Sizes{7});
}

TEST_CASE("grouped: the public code's numbers of groups") {
    CHECK(Layout::grouped(llama(24, 2048, 5504, 32000)).block_count() == 194);
    CHECK(Layout::grouped(llama(26, 3200, 8640, 32000)).block_count() == 210);
    CHECK(Layout::grouped(llama(26, 3200, 8640, 32000)).element_count() == 3426473600);
}

TEST_CASE("the fingerprint is the CRC-64/XZ of the block sizes alone") {
    std::vector<std::byte> bytes;
    for (const std::uint64_t size : {5u, 300u}) ferret::append_little_endian(bytes, size);
    CHECK(Layout::per_tensor({5, 300}).fingerprint() == ferret::crc64(bytes));
    CHECK(Layout::per_tensor({300, 5}).fingerprint() != Layout::per_tensor({5, 300}).fingerprint());
    CHECK(Layout::uniform({50, 50}, 20).fingerprint() ==
          Layout::uniform({1, 98, 1}, 20).fingerprint());
    CHECK(Layout::per_tensor({5, 300}).with_names({"a", "b"}).fingerprint() ==
          Layout::per_tensor({5, 300}).fingerprint());
}

TEST_CASE("layouts of nothing are refused") {
    CHECK_THROWS_AS(static_cast<void>(Layout::per_tensor({})), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({}, 10)), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::grouped({})), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({5}, 0)), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({0, 5}, 2)), InvalidLayout);
    const std::string message = error_message<InvalidLayout>([] {
        static_cast<void>(Layout::grouped({5, 0, 5}));
    });
    CHECK(contains(message, "empty tensor 1"));
}

TEST_CASE("layouts beyond 2^40 elements are refused, also where their sum overflows") {
    constexpr std::size_t limit = std::size_t{1} << 40;
    CHECK(Layout::per_tensor({limit - 1, 1}).element_count() == limit);
    CHECK_THROWS_AS(static_cast<void>(Layout::per_tensor({limit, 1})), InvalidLayout);
    constexpr std::size_t half = std::size_t{1} << 63;
    CHECK_THROWS_AS(static_cast<void>(Layout::per_tensor({half, half})), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({half, half}, 16)), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({half}, 16)), InvalidLayout);
    CHECK_THROWS_AS(static_cast<void>(Layout::grouped({half, half})), InvalidLayout);
}

TEST_CASE("more blocks than a counter tells apart are refused") {
    CHECK_THROWS_AS(static_cast<void>(Layout::uniform({std::size_t{1} << 40}, 1)), InvalidLayout);
}

TEST_CASE("names stand in labels") {
    const Layout layout = Layout::per_tensor({5, 300});
    CHECK(layout.tensor_label(1) == "tensor 1");
    CHECK(layout.with_names({"embed", "head"}).tensor_label(1) == "tensor 1 (head)");
    CHECK(layout.with_names({"embed", "head"}).tensor_names() ==
          std::vector<std::string>{"embed", "head"});
    CHECK(layout.tensor_names().empty());
    CHECK(contains(error_message<ferret::LayoutMismatch>(
                       [&] { static_cast<void>(layout.with_names({"embed"})); }),
                   "expected 2 tensor names, got 1"));
}
