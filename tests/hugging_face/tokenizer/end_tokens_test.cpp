#include "hugging_face/tokenizer/end_tokens.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "files/file.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace hugging_face;
using Json = nlohmann::ordered_json;

namespace {

using Tokens = std::vector<std::int64_t>;

constexpr std::int64_t vocab_size = 40;
constexpr std::int64_t example_end = 2;

/// A model's folder with some of both files; the texts stand for eos_token_id, "absent" for none.
class Folder {
public:
    Folder(const std::string& config, const std::string& generation) {
        write("config.json", config);
        if (generation != "no file") write("generation_config.json", generation);
    }

    Tokens tokens() const { return EndTokens(folder_.path(), example_end, vocab_size).tokens(); }

    /// The generation_config.json that is saved; null where none is.
    Json saved() const {
        const auto to = folder_.path() / "saved";
        EndTokens(folder_.path(), example_end, vocab_size).save(to);
        const auto file = to / "generation_config.json";
        return std::filesystem::exists(file) ? read_json(file, 1000) : Json(nullptr);
    }

private:
    void write(const char* name, const std::string& tokens) const {
        Json json{{"name", name}};
        if (tokens != "absent") json["eos_token_id"] = Json::parse(tokens);
        folder_.write(name, json.dump());
    }

    TemporaryFolder folder_;
};

std::string refused(const std::string& config, const std::string& generation) {
    const Folder folder(config, generation);
    return error_field([&] { folder.tokens(); });
}

}  // namespace

TEST_CASE("an answer ends where examples end, and where either file says") {
    CHECK(Folder("0", "no file").tokens() == Tokens{2, 0});
    CHECK(Folder("0", "[0, 2]").tokens() == Tokens{2, 0});
    CHECK(Folder("[5, 0]", "[7, 5]").tokens() == Tokens{2, 7, 5, 0});
    for (const char* none : {"absent", "null", "-1"}) {
        CHECK(Folder(none, "no file").tokens() == Tokens{2});
        CHECK(Folder(none, none).tokens() == Tokens{2});
        CHECK(Folder(none, "3").tokens() == Tokens{2, 3});
        CHECK(Folder("3", none).tokens() == Tokens{2, 3});
    }
    CHECK(EndTokens("no such folder", 4, 5).tokens() == Tokens{4});
}

TEST_CASE("what is saved tells other programs all ends") {
    // They read generation_config.json, and without it config.json.
    CHECK(Folder("2", "no file").saved() == nullptr);
    CHECK(Folder("[0, 2]", "no file").saved() == nullptr);
    CHECK(Folder("0", "no file").saved() == Json{{"eos_token_id", {2, 0}}});
    CHECK(Folder("absent", "no file").saved() == Json{{"eos_token_id", 2}});
    CHECK(Folder("0", "[0, 2]").saved().at("eos_token_id") == Json{0, 2});
    CHECK(Folder("2", "absent").saved() ==
          Json{{"name", "generation_config.json"}, {"eos_token_id", 2}});
    CHECK(Folder("0", "[7]").saved().at("eos_token_id") == Json{2, 7, 0});
}

TEST_CASE("what is no token is refused") {
    for (const std::string wrong : {"40", "-2", "2.0", "\"2\"", "true", "{}", "[]", "[2, 40]",
                                    "[null]", "18446744073709551615"}) {
        CAPTURE(wrong);
        CHECK(refused(wrong, "no file").starts_with("eos_token_id"));
        CHECK(refused("2", wrong).starts_with("eos_token_id"));
    }
    const TemporaryFolder folder;
    folder.write("generation_config.json", "[]");
    CHECK(error_field([&] { EndTokens(folder.path(), 2, 40); }) == "JSON");
}
