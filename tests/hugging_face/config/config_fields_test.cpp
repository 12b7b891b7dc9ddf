#include "hugging_face/config/config_fields.hpp"

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace hugging_face;
using Json = nlohmann::ordered_json;

namespace {

const std::filesystem::path file = "config.json";

/// The field that is refused as this value is read as a Value.
template <typename Value>
std::string refused(const Json& json) {
    return error_field([&] {
        Value value{};
        ConfigFields(Json{{"a", json}}, file, "in.").required("a", value);
    });
}

}  // namespace

TEST_CASE("an absent field or null leaves the value, unless the field is required") {
    for (const Json& json : {Json::object(), Json{{"a", nullptr}}}) {
        const ConfigFields fields(json, file);
        std::int64_t value = 5;
        fields.optional("a", value);
        CHECK(value == 5);
        std::optional<double> nothing;
        fields.optional("a", nothing);
        CHECK_FALSE(nothing);
        CHECK_NOTHROW(fields.only("a", {}));
        CHECK(error_field([&] { fields.required("a", value); }) == "a");
    }
}

TEST_CASE("a field of another type is refused by its place") {
    CHECK(refused<std::int64_t>(4) == "no error");
    CHECK(refused<std::int64_t>(4.0) == "in.a");
    CHECK(refused<std::int64_t>("4") == "in.a");
    CHECK(refused<std::int64_t>(~0ULL) == "in.a");
    CHECK(refused<double>(4) == "no error");
    CHECK(refused<double>(4.5) == "no error");
    CHECK(refused<double>("4") == "in.a");
    CHECK(refused<double>(true) == "in.a");
    CHECK(refused<bool>(true) == "no error");
    CHECK(refused<bool>(1) == "in.a");
    CHECK(refused<std::optional<double>>("4") == "in.a");
}

TEST_CASE("a field may be held to a few values") {
    const Json json{{"a", "swish"}};
    const ConfigFields fields(json, file);
    CHECK_NOTHROW(fields.only("a", {"silu", "swish"}));
    CHECK(error_field([&] { fields.only("a", {"silu", "gelu"}); }) == "a");
    CHECK(error_field([&] { fields.only("a", {}); }) == "a");
}
