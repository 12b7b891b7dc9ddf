#include "federated/report/round_line.hpp"

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a round in one line") {
    RoundRecord record;
    record.metrics = {{"test_loss", 4.25}, {"test_accuracy", 0.5}};
    record.evaluation_seconds = 1.0;
    CHECK(round_line(record, 7) ==
          "before      test loss 4.2500  test accuracy 0.5000  (evaluation 1.00 s)");
    record.round = 3;
    record.bytes_down = 200;
    record.aggregation_seconds = 0.25;
    record.clients = {
        {.name = "a", .bytes_up = 100, .training_seconds = 2.0, .projection_seconds = 0.5}};
    CHECK(round_line(record, 7) ==
          "round 3/7  test loss 4.2500  test accuracy 0.5000  up 100 B  down 200 B  per client  "
          "(training 2.00 s, projection 0.50 s, aggregation 0.25 s, evaluation 1.00 s)");
}
