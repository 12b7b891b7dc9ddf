#include "federated/options/option_limits.hpp"

#include "support/doctest.hpp"

using namespace federated;

namespace {

bool takes(const CLI::Validator& limits, std::string text) {
    return limits(text).empty();
}

}  // namespace

TEST_CASE("rates are finite and above 0, or 0 where that is allowed") {
    for (const char* text : {"1e-30", "0.5", "3e38"}) {
        CHECK(takes(rate(), text));
        CHECK(takes(rate_or_zero(), text));
    }
    // The first that float does not hold, and what is no number.
    for (const char* text : {"-1", "3.5e38", "inf", "nan", "", "fast", "0.5x"}) {
        CAPTURE(text);
        CHECK_FALSE(takes(rate(), text));
        CHECK_FALSE(takes(rate_or_zero(), text));
    }
    CHECK_FALSE(takes(rate(), "0"));
    CHECK(takes(rate_or_zero(), "0"));
}

TEST_CASE("the ends of intervals belong to them as their names say") {
    CHECK(takes(momentum(), "0"));
    CHECK(takes(momentum(), "0.999"));
    CHECK_FALSE(takes(momentum(), "1"));
    CHECK_FALSE(takes(share(), "0"));
    CHECK(takes(share(), "1"));
    CHECK_FALSE(takes(share(), "1.001"));
    CHECK_FALSE(takes(real(2.0, 3.0, "a number"), "2"));
    CHECK(takes(real(2.0, 3.0, "a number"), "3"));
}

TEST_CASE("whole numbers are whole and within both ends") {
    const CLI::Validator limits = whole(2, 5);
    CHECK(takes(limits, "2"));
    CHECK(takes(limits, "5"));
    for (const char* text : {"1", "6", "3.5", "-2", "99999999999999999999", "two"}) {
        CAPTURE(text);
        CHECK_FALSE(takes(limits, text));
    }
    std::string text = "6";
    CHECK(limits(text) == "expected a whole number from 2 to 5, got 6");
}

TEST_CASE("one of the names is taken as it is written") {
    const CLI::Validator limits = one_of({"near", "far"});
    CHECK(takes(limits, "far"));
    CHECK_FALSE(takes(limits, "Far"));
    std::string text = "";
    CHECK(limits(text) == "expected near|far, got ");
}

TEST_CASE("any text is taken, and help shows its unit") {
    CHECK(takes(any("DIR"), ""));
    CHECK(takes(any("DIR"), "a b"));
    CHECK(any("DIR").get_description() == "DIR");
}
