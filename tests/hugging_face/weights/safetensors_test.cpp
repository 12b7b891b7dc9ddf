#include "hugging_face/weights/safetensors.hpp"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace hugging_face;

namespace {

/// A file with this header, its true length before it and `data_bytes` zeros after it.
std::string file_bytes(const std::string& header, std::size_t data_bytes) {
    const std::uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + std::string(data_bytes, '\0');
}

std::string refused(const std::string& bytes) {
    const TemporaryFolder folder;
    const auto file = folder.write("model.safetensors", bytes);
    return error_field([&] { SafetensorsReader{file}; });
}

}  // namespace

TEST_CASE("a Git LFS pointer in the place of weights is told") {
    const TemporaryFolder folder;
    const auto file = folder.write("model.safetensors",
                                   "version https://git-lfs.github.com/spec/v1\n"
                                   "oid sha256:0123456789abcdef\nsize 1045400\n");
    CHECK_THROWS_WITH_AS(SafetensorsReader{file}, doctest::Contains("got a Git LFS pointer"),
                         FileError);
}

TEST_CASE("tensors come back bit for bit, in every dtype") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "model.safetensors";
    const torch::Tensor wide = torch::randn({3, 5});
    const std::vector<std::pair<std::string, torch::Tensor>> tensors{
        {"wide", wide},
        {"transposed", wide.t()},
        {"half", torch::randn({2, 2, 2}).to(torch::kFloat16)},
        {"brain", torch::randn({7}).to(torch::kBFloat16)},
        {"scalar", torch::tensor(2.5F)},
        {"trained", torch::randn({2}).requires_grad_()},
        {"no number", torch::tensor({NAN, INFINITY, -0.0F})}};
    write_safetensors(file, tensors);
    const SafetensorsReader reader(file);
    CHECK(reader.entries().size() == tensors.size());
    for (const auto& tensor : tensors) {
        CAPTURE(tensor.first);
        const torch::Tensor read = reader.read(tensor.first);
        const torch::Tensor expected = tensor.second.detach().contiguous();
        REQUIRE((read.scalar_type() == expected.scalar_type()));
        REQUIRE(read.sizes() == expected.sizes());
        CHECK(std::memcmp(read.data_ptr(), expected.data_ptr(), expected.nbytes()) == 0);
    }
    CHECK(error_field([&] { reader.read("another"); }) == "another");
}

TEST_CASE("the header is what other readers of the format ask for") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "model.safetensors";
    write_safetensors(file, {{"b", torch::ones({2, 3})}, {"a", torch::ones({5})}});
    const std::string bytes = read_bytes(file);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    CHECK(length % 8 == 0);
    REQUIRE(bytes.size() == 8 + length + 24 + 20);
    const std::string header = bytes.substr(8, length);
    CHECK(header.front() == '{');
    const auto json = nlohmann::json::parse(header);
    CHECK(json == nlohmann::json::parse(R"({
        "__metadata__": {"format": "pt"},
        "b": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "a": {"dtype": "F32", "shape": [5], "data_offsets": [24, 44]}})"));
}

TEST_CASE("a dtype that the format's reader here does not know is not written") {
    const TemporaryFolder folder;
    const auto file = folder.write("model.safetensors", "before");
    CHECK_THROWS_AS(write_safetensors(file, {{"a", torch::ones({2}, torch::kInt64)}}),
                    std::invalid_argument);
    CHECK(read_bytes(file) == "before");
}

TEST_CASE("headers that lie about their length are refused") {
    CHECK(refused("") == "header length");
    CHECK(refused("1234567") == "header length");
    CHECK(refused(std::string(8, '\xFF')) == "header length");
    CHECK(refused(std::string("\x05\0\0\0\0\0\0\0{}", 10)) == "header length");
    CHECK(refused(file_bytes("[]", 0)) == "header");
    CHECK(refused(file_bytes("{\"a\"", 0)) != "no error");
    CHECK(refused(file_bytes("", 0)) != "no error");
    CHECK(refused(file_bytes("{}", 4)) == "size");
    CHECK(refused(file_bytes("{}", 0)) == "no error");
    const TemporaryFolder folder;
    CHECK(error_field([&] { SafetensorsReader(folder.path() / "none"); }) == "file");
    CHECK(error_field([&] { SafetensorsReader(folder.path()); }) == "file");
}

TEST_CASE("tensors that do not fit the file are refused by name") {
    const auto field = [](const std::string& tensor, std::size_t data_bytes) {
        return refused(file_bytes("{\"a\": " + tensor + "}", data_bytes));
    };
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})", 8) == "no error");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})", 7) ==
          "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})", 9) == "size");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [1, 9]})", 9) == "data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [3], "data_offsets": [0, 8]})", 8) ==
          "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [8, 0]})", 8) ==
          "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]})", 8) ==
          "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [2], "data_offsets": [0]})", 8) == "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [2]})", 8) == "a.data_offsets");
    // 2^62 * 4 bytes would wrap to 0.
    CHECK(field(R"({"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 0]})", 0) ==
          "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]})",
                0) == "a.data_offsets");
    CHECK(field(R"({"dtype": "F32", "shape": [18446744073709551615], "data_offsets": [0, 8]})",
                8) == "a.shape");
    CHECK(field(R"({"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]})", 8) == "a.shape");
    CHECK(field(R"({"dtype": "F32", "shape": 2, "data_offsets": [0, 8]})", 8) == "a.shape");
    CHECK(field(R"({"dtype": "F32", "data_offsets": [0, 8]})", 8) == "a.shape");
    CHECK(field(R"({"dtype": "F7", "shape": [8], "data_offsets": [0, 8]})", 8) == "a.dtype");
    CHECK(field(R"({"dtype": "F4", "shape": [3], "data_offsets": [0, 2]})", 2) ==
          "a.data_offsets");  // twelve bits
    CHECK(field(R"({"dtype": 32, "shape": [8], "data_offsets": [0, 8]})", 8) == "a.dtype");
    CHECK(field("7", 8) == "a.dtype");
}

TEST_CASE("tensors of every dtype of the format, and without elements, are known") {
    const TemporaryFolder folder;
    const auto file = folder.write("model.safetensors", file_bytes(R"({
        "__metadata__": null,
        "wide": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]},
        "packed": {"dtype": "F4", "shape": [4], "data_offsets": [16, 18]},
        "six": {"dtype": "F6_E2M3", "shape": [4], "data_offsets": [18, 21]},
        "flags": {"dtype": "BOOL", "shape": [3], "data_offsets": [21, 24]},
        "none": {"dtype": "F8_E4M3", "shape": [0], "data_offsets": [24, 24]},
        "none either": {"dtype": "F32", "shape": [4611686018427387904, 8, 0],
                        "data_offsets": [0, 0]},
        "many": {"dtype": "F32", "shape": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "data_offsets": [24, 28]}
    })",
                                                                   28));
    const SafetensorsReader reader(file);
    CHECK(reader.entries().size() == 7);
    CHECK(reader.entries().at("wide").dtype_name == "F64");
    CHECK_FALSE(reader.entries().at("wide").dtype);
    CHECK(reader.entries().at("many").dtype);
    CHECK(error_field([&] { reader.read("wide"); }) == "wide.dtype");
    CHECK(reader.entries().at("none either").begin == reader.entries().at("none either").end);
    CHECK(reader.read("many").numel() == 1);
}

TEST_CASE("metadata is an object") {
    CHECK(refused(file_bytes(R"({"__metadata__": {"format": "pt"}})", 0)) == "no error");
    CHECK(refused(file_bytes(R"({"__metadata__": 5})", 0)) == "__metadata__");
}

TEST_CASE("holes and overlaps are refused") {
    const auto field = [](const char* first, const char* second, std::size_t data_bytes) {
        return refused(file_bytes(
            std::string(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": )") + first +
                R"(}, "b": {"dtype": "F32", "shape": [1], "data_offsets": )" + second + "}}",
            data_bytes));
    };
    CHECK(field("[0, 4]", "[4, 8]", 8) == "no error");
    CHECK(field("[4, 8]", "[0, 4]", 8) == "no error");
    CHECK(field("[0, 4]", "[8, 12]", 12) == "data_offsets");
    CHECK(field("[0, 4]", "[0, 4]", 4) == "data_offsets");
    CHECK(field("[0, 4]", "[2, 6]", 6) == "data_offsets");
    const std::string empty = R"(, "c": {"dtype": "F64", "shape": [0], "data_offsets": [2, 2]}})";
    const std::string one = R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})";
    CHECK(refused(file_bytes(one + empty, 4)) == "data_offsets");
}
