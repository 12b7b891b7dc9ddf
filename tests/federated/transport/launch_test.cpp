#include "federated/transport/launch.hpp"

#include <cstdlib>

#include "federated/transport/launcher.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

std::vector<std::byte> bytes(std::size_t count) {
    return std::vector<std::byte>(count, std::byte{7});
}

}  // namespace

TEST_CASE("a process by itself is a federation of one") {
    REQUIRE_FALSE(started_by_launcher());
    const auto process = launched_processes();
    CHECK(process->rank() == 0);
    CHECK(process->size() == 1);
    const auto gathered = process->gather(bytes(3));
    REQUIRE(gathered.size() == 1);
    CHECK((gathered[0] == bytes(3)));
    std::vector<std::byte> own = bytes(2);
    process->broadcast(own);
    CHECK((own == bytes(2)));
    CHECK((process->scatter({bytes(5)}) == bytes(5)));
    CHECK(process->split(4)->size() == 1);
    CHECK(process->bytes_moved() == 0);
}

TEST_CASE("a launcher is known by what it leaves in the environment") {
    for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) {
        ::setenv(variable, "2", 1);
        CHECK(started_by_launcher());
        ::unsetenv(variable);
        CHECK_FALSE(started_by_launcher());
    }
}
