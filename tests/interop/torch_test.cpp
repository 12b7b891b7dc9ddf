#include <ferret/interop/torch.hpp>
#undef CHECK  // LibTorch's logging macros share a name with doctest's

#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <string>
#include <vector>

using ferret::Layout;
using ferret::LayoutMismatch;
using ferret::Seed;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

const Layout layout = Layout::per_tensor({5, 3000});
const Seed seed{42, 7};

torch::Tensor quarters(std::int64_t size, std::uint64_t salt, torch::ScalarType type) {
    std::vector<float> values = ferret_test::simple_update(static_cast<std::size_t>(size), salt);
    const torch::Tensor tensor = at::tensor(at::ArrayRef<float>(values));
    return ((tensor * 16).round() / 4).to(type);
}

std::vector<float> floats(const torch::Tensor& tensor) {
    const torch::Tensor wide = tensor.to(torch::kFloat32).contiguous();
    const float* data = wide.data_ptr<float>();
    return {data, data + wide.numel()};
}

}  // namespace

TEST_CASE("updates in tensors of every floating type are those of their values") {
    for (const ferret::Basis& basis : ferret_test::all_bases()) {
        const ferret::Projector project{layout, basis, ferret::NormShare{20}};
        for (const torch::ScalarType type :
             {torch::kFloat32, torch::kFloat64, torch::kBFloat16, torch::kFloat16}) {
            CAPTURE(c10::toString(type));
            const std::vector<torch::Tensor> before{quarters(5, 1, type),
                                                    quarters(3000, 2, torch::kFloat32)};
            const std::vector<torch::Tensor> after{quarters(5, 3, torch::kFloat32),
                                                   quarters(3000, 4, type)};
            const std::vector<std::vector<float>> before_floats{floats(before[0]),
                                                                floats(before[1])};
            const std::vector<std::vector<float>> after_floats{floats(after[0]), floats(after[1])};
            CHECK(project(before, after, seed) == project(before_floats, after_floats, seed));
        }
    }
}

TEST_CASE("models in tensors of every floating type are rounded as LibTorch rounds") {
    const ferret::Basis basis = ferret::TruncatedNormal{};
    const std::vector<std::vector<float>> delta{ferret_test::simple_update(5),
                                                ferret_test::simple_update(3000)};
    const Sketch sketch = ferret::Projector{layout, basis, ferret::NormShare{20}}(delta, seed);
    std::vector<std::vector<float>> update{std::vector<float>(5), std::vector<float>(3000)};
    const ferret::Reconstructor reconstruct{layout, basis};
    reconstruct(sketch, update, 0.01f);
    for (const torch::ScalarType type :
         {torch::kFloat32, torch::kFloat64, torch::kBFloat16, torch::kFloat16}) {
        CAPTURE(c10::toString(type));
        std::vector<torch::Tensor> model{quarters(5, 5, type), quarters(3000, 6, type)};
        const torch::ScalarType sum = type == torch::kFloat64 ? type : torch::kFloat32;
        std::vector<torch::Tensor> expected;
        for (std::size_t t = 0; t < 2; ++t)
            expected.push_back(
                (model[t].to(sum) + at::tensor(at::ArrayRef<float>(update[t])).to(sum)).to(type));
        reconstruct(sketch, model, 0.01f);
        for (std::size_t t = 0; t < 2; ++t) CHECK(at::equal(model[t], expected[t]));
    }
}

TEST_CASE("a single tensor, of any shape and offset in its storage") {
    const Layout one = Layout::per_tensor({12});
    const ferret::Projector project{one, ferret::Gaussian{}, ferret::Uniform{6}};
    const torch::Tensor large = quarters(40, 1, torch::kFloat32);
    const torch::Tensor part = large.slice(0, 13, 25).view({3, 4});
    CHECK(project(part, seed) == project(floats(part), seed));
}

TEST_CASE("tensors that ferret cannot read in place are refused") {
    const Layout one = Layout::per_tensor({12});
    const ferret::Projector project{one, ferret::Gaussian{}, ferret::Uniform{6}};
    const Sketch sketch = project(quarters(12, 1, torch::kFloat32), seed);
    const ferret::Reconstructor reconstruct{one, ferret::Gaussian{}};
    const auto refuse = [&](const torch::Tensor& tensor, std::string_view part) {
        CHECK(contains(
            error_message<LayoutMismatch>([&] { static_cast<void>(project(tensor, seed)); }),
            part));
        torch::Tensor model = tensor;
        CHECK(contains(error_message<LayoutMismatch>([&] { reconstruct(sketch, model, 1.0f); }),
                       part));
    };
    refuse(quarters(12, 1, torch::kFloat32).view({3, 4}).t(), "contiguous");
    refuse(quarters(24, 1, torch::kFloat32).slice(0, 0, 24, 2), "contiguous");
    refuse(torch::Tensor(), "defined");
    refuse(quarters(12, 1, torch::kFloat32).to_sparse(), "dense");
    refuse(quarters(12, 1, torch::kInt32), "got Int");
    refuse(quarters(12, 1, torch::kFloat32).to(torch::kComplexFloat), "got ComplexFloat");
    refuse(quarters(11, 1, torch::kFloat32), "expected 12 elements, got 11");
    refuse(at::empty({12}, at::TensorOptions().device(torch::kMeta)), "meta");
}

TEST_CASE("tensors that are not on a GPU are not handed to one") {
    CHECK(contains(error_message<LayoutMismatch>(
                       [] { static_cast<void>(ferret::device_tensor(torch::ones({3}))); }),
                   "expected a CUDA device, got cpu"));
    CHECK(contains(error_message<LayoutMismatch>([] {
                       static_cast<void>(ferret::device_tensor(torch::ones({3}, torch::kInt64)));
                   }),
                   "expected float32"));
}
