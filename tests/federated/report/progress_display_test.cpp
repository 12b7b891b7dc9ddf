#include "federated/report/progress_display.hpp"

#include <algorithm>
#include <sstream>

#include "support/doctest.hpp"

using namespace federated;

namespace {

Progress training(std::int64_t client, std::int64_t done) {
    return {.phase = Progress::Phase::training,
            .round = 1,
            .done = done,
            .total = 4,
            .client = client,
            .clients = 2,
            .loss = 1.25};
}

}  // namespace

TEST_CASE("durations and bars") {
    CHECK(format_duration(0.4) == "0 s");
    CHECK(format_duration(59.4) == "59 s");
    CHECK(format_duration(185.0) == "3:05 min");
    CHECK(format_duration(7800.0) == "2:10 h");
    CHECK(format_duration(-3.0) == "0 s");
    CHECK(format_bar(0.0, 4) == "----");
    CHECK(format_bar(0.5, 4) == "##--");
    CHECK(format_bar(1.0, 4) == "####");
    CHECK(format_bar(7.0, 4) == "####");
}

TEST_CASE("without a terminal there is a line a client, with its loss") {
    std::ostringstream stream;
    ProgressDisplay display(stream, false, 3);
    for (std::int64_t client = 1; client <= 2; ++client) {
        for (std::int64_t step = 1; step <= 4; ++step) display.show(training(client, step));
    }
    const std::string text = stream.str();
    CHECK(text.find("round 1/3  client 1/2  loss 1.2500") == 0);
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.find(" left") != std::string::npos);
}

TEST_CASE("without a terminal waiting is told once") {
    std::ostringstream stream;
    ProgressDisplay display(stream, false, 3);
    for (int i = 0; i < 3; ++i) display.show({.phase = Progress::Phase::waiting});
    CHECK(stream.str() == "waiting for another run to make the embedded model\n");
}

TEST_CASE("on a terminal a bar renews itself and goes away for other lines") {
    std::ostringstream stream;
    ProgressDisplay display(stream, true, 3);
    display.show(training(1, 1));
    display.show(training(1, 4));
    CHECK(stream.str().find("\rround 1/3  client 1/2  [############------------]  loss 1.2500") !=
          std::string::npos);
    CHECK(stream.str().find('\n') == std::string::npos);
    display.print("warning");
    const std::string expected_end = "\r\x1b[Kwarning\n";
    CHECK(stream.str().substr(stream.str().size() - expected_end.size()) == expected_end);
}

TEST_CASE("the remaining time counts the rounds to come") {
    std::ostringstream stream;
    ProgressDisplay display(stream, false, 11);
    display.remaining_time().learn({.round = 0, .metrics = {}, .evaluation_seconds = 600.0});
    display.remaining_time().learn(
        {.round = 1, .metrics = {}, .training_seconds = 3000.0, .evaluation_seconds = 600.0});
    display.remaining_time().expect_answers(60.0);
    display.show(training(1, 1));
    display.show(training(1, 4));
    // This round's evaluation, ten rounds of an hour and the answers; what the test itself takes is
    // far less than the half minute that would round up.
    CHECK(stream.str().find("10:11 h left") != std::string::npos);
}

TEST_CASE("in the warm-up only its own end is known") {
    std::ostringstream stream;
    ProgressDisplay display(stream, false, 11);
    display.show({.phase = Progress::Phase::warm_up, .done = 1, .total = 2});
    display.show({.phase = Progress::Phase::warm_up, .done = 2, .total = 2});
    CHECK(stream.str().find("0 s left of this phase") != std::string::npos);
}
