#include <doctest/doctest.h>

#include <ferret/backend/function_ref.hpp>
#include <vector>

using ferret::FunctionRef;

namespace {

/// Counts how often it is copied.
struct Counted {
    int* copies;

    explicit Counted(int* count) : copies(count) {}
    Counted(const Counted& other) : copies(other.copies) { ++*copies; }
    int operator()(int value) const { return value + 1; }
};

}  // namespace

TEST_CASE(
    "a reference calls the function that it refers to, which sees and changes what it captured") {
    int calls = 0;
    const auto add = [&](int a, int b) {
        ++calls;
        return a + b;
    };
    const FunctionRef<int(int, int)> reference = add;
    CHECK(reference(2, 3) == 5);
    CHECK(reference(-2, 3) == 1);
    CHECK(calls == 2);
}

TEST_CASE("a reference does not copy the function, and a copy of it refers to the same one") {
    int copies = 0;
    const Counted function(&copies);
    const FunctionRef<int(int)> reference = function;
    const FunctionRef<int(int)> copy = reference;
    CHECK(copy(1) == 2);
    CHECK(copies == 0);
    // Were a copy a reference to a reference, it would call what that one now refers to.
    const auto negate = [](int value) { return -value; };
    FunctionRef<int(int)> other = reference;
    const FunctionRef<int(int)> of_other = other;
    other = FunctionRef<int(int)>(negate);
    CHECK(other(1) == -1);
    CHECK(of_other(1) == 2);
}

TEST_CASE("results and arguments are converted as in a call of the function itself") {
    const auto half_of = [](double value) { return value / 2; };
    const FunctionRef<double(int)> of_integer = half_of;
    CHECK(of_integer(7) == 3.5);
    std::vector<int> seen;
    const auto note = [&](const int& value) { seen.push_back(value); };
    const FunctionRef<void(const int&)> reference = note;
    const int value = 4;
    reference(value);
    CHECK(seen == std::vector{4});
}
