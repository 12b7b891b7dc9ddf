#include "hugging_face/weights/weight_files.hpp"

#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "hugging_face/support/sharded.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace hugging_face;
using Json = nlohmann::ordered_json;
using Tensors = std::vector<std::pair<std::string, torch::Tensor>>;

namespace {

const char* index_name = "model.safetensors.index.json";
const char* first_file = "model-00001-of-00002.safetensors";
const char* second_file = "model-00002-of-00002.safetensors";

Tensors two_tensors() {
    return {{"a", torch::ones({2})}, {"b", torch::zeros({3})}};
}

/// The field that is refused after `change` was made to a folder of two files.
template <typename Change>
std::string refused(Change change) {
    const TemporaryFolder folder;
    write_sharded(folder.path(), two_tensors());
    change(folder.path());
    return error_field([&] { WeightFiles{folder.path()}; });
}

std::string refused_with(const char* name, const Json& file) {
    return refused([&](const auto& folder) {
        Json index = read_json(folder / index_name, 10'000);
        index["weight_map"][name] = file;
        write_file(folder / index_name, index.dump());
    });
}

}  // namespace

TEST_CASE("one file or several hold the tensors") {
    const TemporaryFolder folder;
    SUBCASE("one") {
        write_safetensors(folder.path() / "model.safetensors", two_tensors());
    }
    SUBCASE("several") {
        write_sharded(folder.path(), two_tensors());
    }
    const WeightFiles files(folder.path());
    CHECK(files.tensors().size() == 2);
    CHECK((files.find("b")->shape == std::vector<std::int64_t>{3}));
    CHECK(files.find("c") == nullptr);
    CHECK(torch::equal(files.read("a", torch::kFloat32), torch::ones({2})));
    CHECK(error_field([&] { files.read("c", torch::kFloat32); }) == "c");
}

TEST_CASE("a folder without weights is refused, with what it has instead") {
    const TemporaryFolder folder;
    CHECK(error_field([&] { WeightFiles{folder.path()}; }) == "weights");
    folder.write("pytorch_model.bin", "pickled");
    try {
        WeightFiles{folder.path()};
        FAIL("read");
    } catch (const FileError& error) {
        CHECK(std::string(error.what()).find("pytorch_model.bin") != std::string::npos);
    }
}

TEST_CASE("a link to nowhere is not taken for a folder without weights") {
    const TemporaryFolder folder;
    std::filesystem::create_symlink(folder.path() / "gone", folder.path() / "model.safetensors");
    CHECK(error_field([&] { WeightFiles{folder.path()}; }) == "file");
}

TEST_CASE("malformed indices are refused by name") {
    CHECK(refused([](const auto&) {}) == "no error");
    CHECK(refused_with("b", "../model-00002-of-00002.safetensors") == "weight_map.b");
    CHECK(refused_with("b", "/etc/passwd") == "weight_map.b");
    CHECK(refused_with("b", 5) == "weight_map.b");
    CHECK(refused_with("b", nullptr) == "weight_map.b");
    CHECK(refused_with("b", "") == "weight_map.b");
    CHECK(refused_with("b", "..") == "weight_map.b");
    CHECK(refused_with("b", "model-00003.safetensors") == "file");
    CHECK(refused_with("b", first_file) == "b");
    CHECK(refused_with("c", second_file) == "c");
    for (const char* text : {"{}", "[]", R"({"weight_map": null})", R"({"weight_map": ["a"]})"}) {
        CHECK(refused([&](const auto& folder) { write_file(folder / index_name, text); }) ==
              "weight_map");
    }
}

TEST_CASE("a tensor in two files is refused") {
    CHECK(refused([](const auto& folder) {
              write_safetensors(folder / second_file,
                                {{"a", torch::ones({2})}, {"b", torch::zeros({3})}});
          }) == "a");
}

TEST_CASE("a tensor that the index leaves out counts all the same") {
    const TemporaryFolder folder;
    write_sharded(folder.path(), two_tensors());
    write_safetensors(folder.path() / second_file,
                      {{"b", torch::zeros({3})}, {"c", torch::zeros({1})}});
    CHECK(WeightFiles(folder.path()).find("c") != nullptr);
}

TEST_CASE("a number that is not finite is named with its file") {
    const TemporaryFolder folder;
    write_safetensors(folder.path() / "model.safetensors",
                      {{"a", torch::tensor({1.0F, NAN, INFINITY})}});
    const WeightFiles files(folder.path());
    CHECK(error_field([&] { files.read("a", torch::kFloat32); }) == "a[1]");
}

TEST_CASE("files beside the weights that another reader would take warn") {
    const TemporaryFolder folder;
    std::vector<std::string> warnings;
    const auto warn = [&](const std::string& message) { warnings.push_back(message); };
    write_safetensors(folder.path() / "model.safetensors", two_tensors());
    folder.write("consolidated.safetensors", "the same once more");
    WeightFiles(folder.path(), warn);
    CHECK(warnings.empty());
    folder.write(index_name, "{}");
    folder.write("adapter_config.json", "{}");
    WeightFiles(folder.path(), warn);
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find(index_name) != std::string::npos);
    CHECK(warnings[1].find("adapter_config.json") != std::string::npos);
}
