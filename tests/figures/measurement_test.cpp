#include "measurement.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

using figures::Measurement;

namespace {

std::vector<Measurement> some() {
    return {{.method = "sparse-sign", .dimension = 300, .bases = 100, .seed = 1, .cosine = 0.25},
            {.method = "sparse-sign", .dimension = 300, .bases = 100, .seed = 2, .cosine = 0.75},
            {.method = "sparse-sign", .dimension = 900, .bases = 100, .seed = 1, .cosine = 0.125},
            {.method = "zeroth-order-same", .perturbation = 0.5, .dimension = 300, .bases = 100}};
}

}  // namespace

TEST_CASE("measurements of the seeds come in the seeds' order") {
    const auto rows = figures::over_seeds(10, 5, [](std::uint64_t seed) {
        return std::vector<Measurement>{{.steps = 1, .seed = seed}, {.steps = 2, .seed = seed}};
    });
    REQUIRE(rows.size() == 10);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i].seed == 10 + i / 2);
        CHECK(rows[i].steps == static_cast<int>(1 + i % 2));
    }
}

TEST_CASE("means over the seeds, of one curve") {
    const auto means = figures::mean_cosines(
        some(), "sparse-sign", 0.0,
        [](const Measurement& one) { return static_cast<double>(one.dimension); });
    CHECK(means == std::map<double, double>{{300.0, 0.5}, {900.0, 0.125}});
}

TEST_CASE("a line a measurement, with what theory expects") {
    const std::string text = figures::as_csv(std::vector<Measurement>{some()[0]});
    CHECK(text ==
          "method,perturbation,dimension,bases,blocks,steps,seed,cosine,expected_cosine,"
          "projection_seconds,reconstruction_seconds\n"
          "sparse-sign,0,300,100,1,1,1,0.25,0.5,0,0\n");
}

TEST_CASE("a file that cannot be written is named") {
    const std::filesystem::path file = "/dev/null/figure7.csv";
    CHECK_THROWS_WITH_AS(figures::write_text(file, "text"),
                         doctest::Contains("/dev/null/figure7.csv"), std::runtime_error);
}
