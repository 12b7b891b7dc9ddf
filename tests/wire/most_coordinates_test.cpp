#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/wire.hpp>
#include <ferret/wire/most_coordinates.hpp>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace ferret;

namespace {

std::uint64_t size_of_message(const std::string& rule, const Layout& layout,
                              CoordinateFormat format, std::uint64_t total) {
    return encoded_size(expected_bases(parse_budget_rule(rule, total), layout), format);
}

}  // namespace

TEST_CASE("the most coordinates fit, and more of them do not") {
    const Layout layout = Layout::per_tensor({3000, 41, 1, 700});
    for (const auto& named : coordinate_format_names)
        for (const char* rule : {"uniform", "norm-share"})
            for (const std::uint64_t bytes : {200u, 777u, 1500u}) {
                const CoordinateFormat format = named.second;
                CAPTURE(std::string(named.first));
                CAPTURE(rule);
                CAPTURE(bytes);
                const std::optional<std::uint64_t> most =
                    most_coordinates(rule, layout, format, bytes);
                REQUIRE(most.has_value());
                CHECK(size_of_message(rule, layout, format, *most) <= bytes);
                // Rotated coordinates come 32 at a time, others one by one.
                const std::uint64_t step = is_rotated(format) ? 32 : 1;
                if (*most + step <= layout.element_count())
                    CHECK(size_of_message(rule, layout, format, *most + step) > bytes);
            }
}

TEST_CASE("no more than the model has elements") {
    const Layout layout = Layout::per_tensor({64, 36});
    for (const std::uint64_t bytes :
         {std::uint64_t{1'000'000}, (std::numeric_limits<std::uint64_t>::max)()})
        CHECK(most_coordinates("uniform", layout, CoordinateFormat::float32, bytes) == 100);
}

TEST_CASE("nothing where not even the fewest fit") {
    const Layout layout = Layout::per_tensor({64, 36});
    const std::uint64_t fewest = size_of_message("uniform", layout, CoordinateFormat::float32, 4);
    CHECK(most_coordinates("uniform", layout, CoordinateFormat::float32, fewest) == 4);
    CHECK_FALSE(most_coordinates("uniform", layout, CoordinateFormat::float32, fewest - 1));
    CHECK_FALSE(most_coordinates("uniform", layout, CoordinateFormat::one_bit, 0));
    CHECK_THROWS_AS(most_coordinates("no-rule", layout, CoordinateFormat::one_bit, 0), UnknownName);
}
