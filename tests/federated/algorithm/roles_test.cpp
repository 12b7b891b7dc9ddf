#include "federated/algorithm/roles.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

namespace {

class Stateless : public ServerAlgorithm {
public:
    void receive(const Participant&, const Round&, std::span<const std::byte>) override {}
    std::vector<std::byte> close(const Round&) override { return {}; }
};

}  // namespace

TEST_CASE("a role that keeps nothing restores nothing") {
    Stateless server;
    CHECK(server.state().empty());
    CHECK_NOTHROW(server.restore({}));
    const std::vector<std::byte> state(3);
    CHECK_THROWS_WITH_AS(server.restore(state), "algorithm state: expected none, got 3 bytes",
                         std::runtime_error);
}

TEST_CASE("a round is not closed without a message") {
    CHECK_NOTHROW(expect_messages(1, "top-k"));
    CHECK_THROWS_WITH_AS(expect_messages(0, "top-k"),
                         "top-k: to close a round, expected at least one message, got none",
                         std::logic_error);
}
