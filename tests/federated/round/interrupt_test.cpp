#include "federated/round/interrupt.hpp"

#include <csignal>
#include <initializer_list>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("the first signal stops at the next safe point, the second has its default effect") {
    for (const int signal : {SIGINT, SIGTERM}) {
        catch_interrupts();
        stop_if_interrupted();
        std::raise(signal);
        CHECK_THROWS_AS(stop_if_interrupted(), Interrupted);
        // std::signal returns what would have been called next.
        CHECK((std::signal(SIGINT, SIG_DFL) == SIG_DFL));
        CHECK((std::signal(SIGTERM, SIG_DFL) == SIG_DFL));
    }
}
