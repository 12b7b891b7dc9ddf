#include "federated/algorithm/ferret_plan.hpp"

#include <ferret/wire.hpp>
#include <stdexcept>

#include "federated/algorithm/ferret_broadcast.hpp"
#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// One tensor without values.
TrainableModel shape(std::int64_t size) {
    TrainableModel model;
    model.names = {"weights"};
    model.parameters = {torch::empty({size}, torch::TensorOptions().device(torch::kMeta))};
    return model;
}

}  // namespace

TEST_CASE("few bytes become as many coordinates of one bit as have room, both ways") {
    const TrainableModel model = shape(260032);
    AlgorithmOptions options;
    const AlgorithmOptions complete = complete_ferret_options(options, model, 5, 1100.0, 1100.0);
    CHECK(complete.coordinates == "1bit");
    CHECK(complete.coordinates_down == "1bit");
    const FerretPlan plan = ferret_plan(complete, model);
    CHECK(ferret_message_size(plan) <= 1100);
    CHECK(ferret_broadcast_size(plan, ferret::SeedSharing::shared, 5) <= 1100);
    CHECK(ferret_broadcast_size(plan, ferret::SeedSharing::per_client, 5) <= 1100);
    CHECK(complete.budget >= 7872);  // less the headers of sketch and broadcast, and scales
}

TEST_CASE("bytes for more than a bit a number go into more bits") {
    const TrainableModel model = shape(1000);
    AlgorithmOptions options;
    const auto coordinates = [&](double bytes) {
        const AlgorithmOptions complete = complete_ferret_options(options, model, 5, bytes, bytes);
        return complete.coordinates + ", " + complete.coordinates_down;
    };
    // The broadcast, whose header is longer, leaves no room for more coordinates, so that the message
    // has some for their bits.
    CHECK(coordinates(120.0) == "3bit, 1bit");
    CHECK(coordinates(600.0) == "4bit, 3bit");
    CHECK(coordinates(5000.0) == "int16, int16");
}

TEST_CASE(
    "a number of coordinates is kept, with the fewest bits unless the options say otherwise") {
    const TrainableModel model = shape(1000);
    AlgorithmOptions options;
    options.budget = 77;
    options.coordinates_down = "8bit";
    const AlgorithmOptions complete = complete_ferret_options(options, model, 5, 1.0, 1.0);
    CHECK(complete.budget == 77);
    CHECK(complete.coordinates == "1bit");
    CHECK(complete.coordinates_down == "8bit");
    CHECK(ferret::total_of(ferret_plan(complete, model).budget_down) == 77);
}

TEST_CASE("a mean that is sketched again has its own bytes") {
    const TrainableModel model = shape(260032);
    AlgorithmOptions options;
    options.seeds = "per-client";
    const AlgorithmOptions complete = complete_ferret_options(options, model, 5, 1100.0, 8300.0);
    const FerretPlan plan = ferret_plan(complete, model);
    CHECK(ferret_message_size(plan) <= 1100);
    const auto down = ferret_broadcast_size(plan, ferret::SeedSharing::per_client, 5);
    CHECK(down <= 8300);
    CHECK(down > 8000);
}

TEST_CASE("bytes that no message is as small as are refused") {
    const TrainableModel model = shape(1000);
    AlgorithmOptions options;
    CHECK_THROWS_AS(complete_ferret_options(options, model, 5, 50.0, 5000.0),
                    std::invalid_argument);
    CHECK_THROWS_AS(complete_ferret_options(options, model, 5, 5000.0, 50.0),
                    std::invalid_argument);
}
