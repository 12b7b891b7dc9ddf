#include "hugging_face/config/json_node.hpp"

#include <string>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;
using nlohmann::json;

namespace {

const std::filesystem::path file = "folder/some.json";

}  // namespace

TEST_CASE("a node knows its value and its place") {
    const json object = json::parse(R"({"a": {"b": [1, "x"]}, "n": null})");
    const JsonNode root(object, file);
    const JsonNode list = root["a"]["b"];
    CHECK(list.place() == "some.json, a.b");
    const auto entries = list.entries(2);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].token(2) == 1);
    CHECK(entries[1].text() == "x");
    CHECK(entries[1].place() == "some.json, a.b[1]");
    CHECK(root["n"].is_null());
    CHECK_FALSE(root["n"].is_absent());
    CHECK(root["none"].is_null());
    CHECK(root["none"]["deeper"].is_absent());
    CHECK(root["n"].entries(0).empty());
}

TEST_CASE("booleans have a value where they are null") {
    const json object{{"yes", true}, {"no", false}, {"n", nullptr}};
    const JsonNode root(object, file);
    CHECK(root["yes"].boolean());
    CHECK_FALSE(root["no"].boolean(true));
    CHECK(root["n"].boolean(true));
    CHECK_FALSE(root["none"].boolean());
}

TEST_CASE("values of another kind are refused by their place") {
    const json object = json::parse(R"({"a": ["", 5, true, -1, 1.5], "t": "text"})");
    const JsonNode root(object, file);
    const auto entries = root["a"].entries(9);
    const auto refused = [](const auto& read) { return error_field(read); };
    CHECK(refused([&] { entries[0].name(); }) == "a[0]");
    CHECK(refused([&] { entries[1].text(); }) == "a[1]");
    CHECK(refused([&] { entries[1].boolean(); }) == "a[1]");
    CHECK(refused([&] { entries[1].token(5); }) == "a[1]");
    CHECK(refused([&] { entries[2].token(5); }) == "a[2]");
    CHECK(refused([&] { entries[3].token(5); }) == "a[3]");
    CHECK(refused([&] { entries[4].token(5); }) == "a[4]");
    CHECK(refused([&] { entries[4].only(2); }) == "a[4]");
    CHECK(refused([&] { entries[4].only(1.5); }) == "no error");
    CHECK(refused([&] { root["none"].only(2); }) == "no error");
    CHECK(refused([&] { root["a"].entries(4); }) == "a");
    CHECK(refused([&] { root["t"].entries(4); }) == "t");
    CHECK(refused([&] { JsonNode(object.at("a"), file); }) == "JSON");
}

TEST_CASE("a file that is not there is an empty object") {
    const TemporaryFolder folder;
    CHECK(JsonFile(folder.path() / "none.json", 10).root()["a"].is_absent());
    CHECK(JsonFile(folder.write("a.json", R"({"a": 1})"), 10).root()["a"].token(2) == 1);
    CHECK(error_field([&] { JsonFile(folder.write("b.json", "[]"), 10); }) == "JSON");
    CHECK(error_field([&] { JsonFile(folder.write("c.json", R"({"a": 12345})"), 10); }) == "size");
}
