#include "federated/algorithm/error_feedback.hpp"

#include <algorithm>
#include <ferret/error.hpp>
#include <limits>
#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

namespace {

/// A format that says whole numbers alone, and those towards zero.
std::vector<std::byte> say_whole(std::span<float> meant) {
    std::vector<std::byte> message;
    for (float& number : meant) {
        const auto whole = static_cast<std::int8_t>(number);
        message.push_back(static_cast<std::byte>(whole));
        number -= static_cast<float>(whole);
    }
    return message;
}

std::vector<int> sent(Residual& residual, const std::vector<float>& update) {
    std::vector<int> said;
    for (const std::byte byte : residual.send(torch::tensor(update), say_whole)) {
        said.push_back(static_cast<std::int8_t>(byte));
    }
    return said;
}

}  // namespace

TEST_CASE("an update lies end to end, as float32") {
    const Weights before{torch::tensor({{1.0, 2.0}, {3.0, 4.0}}, torch::kFloat64),
                         torch::tensor({5.0f})};
    const Weights after{torch::tensor({{0.5, 4.0}, {3.0, 0.0}}, torch::kFloat64),
                        torch::tensor({6.0f})};
    const torch::Tensor delta = flat_delta(before, after);
    CHECK(std::ranges::equal(elements(delta), std::vector<float>{0.5f, -2.0f, 0.0f, 4.0f, -1.0f}));
}

TEST_CASE("what a message leaves out is part of the next one") {
    Residual residual(3, "test");
    CHECK(residual.state().empty());
    using Said = std::vector<int>;
    CHECK(sent(residual, {1.75f, -0.5f, 2.0f}) == Said{1, 0, 2});
    CHECK(sent(residual, {1.75f, -0.5f, 2.0f}) == Said{2, -1, 2});
    CHECK(sent(residual, {0.25f, 0.0f, 0.0f}) == Said{0, 0, 0});
    CHECK(sent(residual, {0.25f, 0.0f, 0.0f}) == Said{1, 0, 0});
}

TEST_CASE("a residual goes on where it was restored") {
    Residual first(2, "test");
    sent(first, {0.75f, -0.75f});
    Residual second(2, "test");
    second.restore(first.state());
    CHECK((second.state() == first.state()));
    CHECK(sent(second, {0.5f, 0.5f}) == std::vector<int>{1, 0});
    second.restore({});
    CHECK(second.state().empty());
    CHECK_THROWS_AS(Residual(3, "test").restore(first.state()), std::runtime_error);
}

TEST_CASE("an update without a finite sum leaves the residual as it was") {
    constexpr float most = std::numeric_limits<float>::max();
    Residual residual(2, "residual");
    CHECK_THROWS_WITH_AS(sent(residual, {1.0f, std::numeric_limits<float>::infinity()}),
                         "residual: with the update it is infinite or not a number",
                         ferret::NonFinite);
    CHECK(residual.state().empty());
    const SaySome say_nothing = [](std::span<float>) { return std::vector<std::byte>(); };
    residual.send(torch::tensor({most, 0.5f}), say_nothing);
    const auto before = residual.state();
    CHECK_THROWS_AS(residual.send(torch::tensor({most, 0.0f}), say_nothing), ferret::NonFinite);
    CHECK((residual.state() == before));
}
