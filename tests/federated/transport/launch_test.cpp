#include "federated/transport/launch.hpp"

#include "federated/transport/launcher.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a process that no launcher started is a federation of one") {
    REQUIRE_FALSE(started_by_launcher());
    const auto process = launched_processes();
    CHECK(process->rank() == 0);
    CHECK(process->size() == 1);
}
