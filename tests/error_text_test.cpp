#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/error_text.hpp>
#include <limits>
#include <string>
#include <string_view>

using ferret::error_text;

TEST_CASE("a message has its parts in order, numbers as std::to_string writes them") {
    const std::string name = "lm_head";
    CHECK(error_text({}).empty());
    CHECK(error_text({"tensor ", name, std::string_view(": "), -3, " of ", 4u}) ==
          "tensor lm_head: -3 of 4");
    CHECK(error_text({(std::numeric_limits<std::uint64_t>::max)(), " ", std::size_t{0}}) ==
          "18446744073709551615 0");
    CHECK(error_text({0.1f, " ", 1e300}) == std::to_string(0.1f) + " " + std::to_string(1e300));
}
