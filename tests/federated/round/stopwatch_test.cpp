#include "federated/round/stopwatch.hpp"

#include <thread>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a lap starts the next, a reading does not") {
    const Stopwatch whole;
    Stopwatch watch;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const double read = watch.read();
    CHECK(read >= 0.02);
    CHECK(watch.read() >= read);
    const double first = watch.lap();
    CHECK(first >= read);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double second = watch.lap();
    CHECK(second >= 0.001);
    // Laps follow one another: no time is in two of them.
    const double both = first + second;
    CHECK(both <= whole.read());
}
