#include "hugging_face/weights/finite_tensor.hpp"

#include <cmath>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;

TEST_CASE("a number that is not finite is named, in the file or after conversion") {
    const TemporaryFolder folder;
    const auto field = [&](const torch::Tensor& tensor, torch::Dtype dtype) {
        const auto file = folder.path() / "model.safetensors";
        write_safetensors(file, {{"a", tensor}});
        return error_field([&] { read_finite(SafetensorsReader(file), "a", dtype); });
    };
    CHECK(field(torch::tensor({1.0F, NAN, INFINITY}), torch::kFloat32) == "a[1]");
    CHECK(field(torch::tensor({1.0F, 2.0F, -INFINITY}), torch::kFloat32) == "a[2]");
    CHECK(field(torch::tensor({{1.0F, 2.0F}, {3.0F, INFINITY}}), torch::kBFloat16) == "a[3]");
    CHECK(field(torch::tensor({1e5F, 1.0F}), torch::kFloat32) == "no error");
    CHECK(field(torch::tensor({1e5F, 1.0F}), torch::kFloat16) == "a[0]");
    // Finite numbers whose sum is not.
    CHECK(field(torch::full({8}, 3e38F), torch::kFloat32) == "no error");
    CHECK(field(torch::full({8}, 60000.0).to(torch::kFloat16), torch::kFloat16) == "no error");
}

TEST_CASE("finite numbers come in the dtype asked for") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "model.safetensors";
    const torch::Tensor tensor = torch::tensor({{1.5F, -2.0F}});
    write_safetensors(file, {{"a", tensor}});
    const SafetensorsReader reader(file);
    CHECK(torch::equal(read_finite(reader, "a", torch::kFloat64), tensor.to(torch::kFloat64)));
    CHECK(error_field([&] { read_finite(reader, "b", torch::kFloat32); }) == "b");
}
