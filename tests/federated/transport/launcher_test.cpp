#include "federated/transport/launcher.hpp"

#include <cstdlib>
#include <initializer_list>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a launcher is known by what it leaves in the environment") {
    CHECK_FALSE(started_by_launcher());
    for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) {
        CAPTURE(variable);
        ::setenv(variable, "2", 1);
        CHECK(started_by_launcher());
        ::unsetenv(variable);
        CHECK_FALSE(started_by_launcher());
    }
}
