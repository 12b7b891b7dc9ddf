#include "federated/report/child_process.hpp"

#include <system_error>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a program's exit code comes back") {
    CHECK(ChildProcess({"true"}).wait() == 0);
    CHECK(ChildProcess({"sh", "-c", "exit 7"}).wait() == 7);
    CHECK_THROWS_AS(ChildProcess({"there is no such program"}), std::system_error);
}

TEST_CASE("a program can be killed") {
    ChildProcess sleeper({"sleep", "1000"});
    sleeper.kill();
    CHECK_FALSE(sleeper.wait());
    const ChildProcess forgotten({"sleep", "1000"});  // its destructor would wait for it otherwise
}
