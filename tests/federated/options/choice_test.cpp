#include "federated/options/choice.hpp"

#include "support/doctest.hpp"

using namespace federated;

namespace {

enum class Colour { red, green, blue };

constexpr Choice<Colour> colours[] = {{"red", Colour::red}, {"green", Colour::green}};

}  // namespace

TEST_CASE("names lead to their values and back") {
    CHECK((names_of(colours) == std::vector<std::string>{"red", "green"}));
    for (const Choice<Colour>& colour : colours) {
        CHECK(choose(colours, "colour", colour.name) == colour.value);
        CHECK(name_of(colours, colour.value) == colour.name);
    }
    CHECK_THROWS_AS(name_of(colours, Colour::blue), std::invalid_argument);
}

TEST_CASE("an unknown name is answered with those that there are") {
    CHECK_THROWS_WITH_AS(choose(colours, "colour", "Red"),
                         "colour: expected red or green, got 'Red'", std::invalid_argument);
    constexpr Choice<int> numbers[] = {{"one", 1}, {"two", 2}, {"three", 3}};
    CHECK_THROWS_WITH_AS(choose(numbers, "number", ""),
                         "number: expected one, two or three, got ''", std::invalid_argument);
}
