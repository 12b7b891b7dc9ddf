#include <doctest/doctest.h>

#include <ferret/error.hpp>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace {

template <class Base, class... Errors>
constexpr bool all_are = (std::is_base_of_v<Base, Errors> && ...);

template <class Base, class... Errors>
constexpr bool none_is = (!std::is_base_of_v<Base, Errors> && ...);

/// Whether an error that is thrown is caught as a Base, with its message.
template <class Base, class Error>
bool is_caught_as() {
    try {
        throw Error("expected this, got that");
    } catch (const Base& error) {
        return std::string_view(error.what()) == "expected this, got that";
    } catch (...) {
        return false;
    }
}

}  // namespace

TEST_CASE("what can be wrong with a received message is a WireError, and nothing else is") {
    using namespace ferret;
    CHECK(all_are<WireError, Truncated, UnsupportedVersion, ChecksumMismatch, Forged, Malformed>);
    CHECK(none_is<WireError, InvalidLayout, InvalidBudget, LayoutMismatch, NonFinite,
                  SketchMismatch, UnknownName, Unsupported, DeviceError, WrongRound, ModelMismatch,
                  Duplicate, WrongStep, TooFewClients, UnsafeRequest, FileError>);
}

TEST_CASE("every error is caught as one of ferret's, with its message") {
    using namespace ferret;
    CHECK(all_are<Error, InvalidLayout, InvalidBudget, LayoutMismatch, NonFinite, SketchMismatch,
                  UnknownName, Unsupported, DeviceError, WrongRound, ModelMismatch, Duplicate,
                  WrongStep, TooFewClients, UnsafeRequest, FileError, WireError>);
    CHECK(is_caught_as<Error, InvalidLayout>());
    CHECK(is_caught_as<Error, Malformed>());
    CHECK(is_caught_as<WireError, Truncated>());
    CHECK(is_caught_as<std::runtime_error, Truncated>());
    CHECK_FALSE(is_caught_as<WireError, NonFinite>());
    CHECK_FALSE(is_caught_as<Truncated, Malformed>());
}
