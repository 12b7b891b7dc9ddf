#include <ferret/interop/torch.hpp>
// What makes wrappers.
#include <ATen/FunctionalTensorWrapper.h>
#if __has_include(<ATen/functorch/BatchedTensorImpl.h>)
#include <ATen/functorch/BatchedTensorImpl.h>
#else
#include <ATen/BatchedTensorImpl.h>
#endif
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

/// As vmap makes it: a batch of what looks like one tensor.
torch::Tensor batched(const torch::Tensor& tensor) {
#if __has_include(<ATen/functorch/BatchedTensorImpl.h>)
    return at::functorch::makeBatched(tensor, /*dim=*/0, /*level=*/1);
#else
    return at::addBatchDim(tensor, /*level=*/1, /*dim=*/0);
#endif
}

}  // namespace

TEST_CASE("updates in tensors of every floating type are those of their values") {
    for (const ferret::Basis& basis : ferret::all_bases) {
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
    const torch::Tensor good = quarters(12, 1, torch::kFloat32);

    SUBCASE("elements elsewhere than one after another") {
        refuse(good.view({3, 4}).t(), "contiguous tensor, got strides [1, 4] of sizes [4, 3]");
        refuse(quarters(24, 1, torch::kFloat32).slice(0, 0, 24, 2), "contiguous");
        refuse(good.slice(0, 0, 1).expand({12}), "contiguous");
        refuse(good.view({1, 3, 2, 2}).to(torch::MemoryFormat::ChannelsLast), "contiguous");
        refuse(quarters(11, 1, torch::kFloat32), "expected 12 elements, got 11");
    }
    SUBCASE("other types") {
        refuse(good.to(torch::kInt32), "got Int");
        refuse(good.to(torch::kBool), "got Bool");
        refuse(good.to(torch::kComplexFloat), "got ComplexFloat");
    }
    SUBCASE("no memory, or not enough") {
        refuse(torch::Tensor(), "got an undefined one");
        refuse(at::empty({12}, at::TensorOptions().device(torch::kMeta)), "meta");
        refuse(at::from_blob(nullptr, {12}), "a storage of at least 48 bytes, got 0");
        torch::Tensor freed = good.clone();
        freed.storage().unsafeGetStorageImpl()->reset();  // as sharded training does between uses
        refuse(freed, "a storage of at least 48 bytes, got 0");
        const torch::Tensor shortened = good.clone().slice(0, 2, 12);
        shortened.storage().unsafeGetStorageImpl()->set_nbytes(44);
        refuse(shortened, "a storage of at least 48 bytes, got 44");
    }
    SUBCASE("memory that is not the values") {
        refuse(at::_efficientzerotensor({12}, good.options()), "got ZeroTensor");
        refuse(at::_neg_view(good), "got Negative");
        refuse(at::_conj(good.to(torch::kComplexFloat)), "got Conjugate");
        refuse(good.to_sparse(), "got SparseCPU");
        refuse(good.view({3, 4}).to_sparse_csr(), "got SparseCsrCPU");
        refuse(at::quantize_per_tensor(good, 0.25, 0, torch::kQInt8), "got QuantizedCPU");
        refuse(at::_nested_tensor_from_tensor_list({good}), "got NestedTensor");
        if (at::globalContext().hasMKLDNN()) refuse(good.to_mkldnn(), "got Mkldnn");
    }
    SUBCASE("wrappers") {
        refuse(at::functionalization::impl::to_functional_tensor(good), "got Functionalize");
        refuse(batched(good.view({1, 12})), "Batched");
    }
}

TEST_CASE("tensors that differ from others only in what LibTorch does with them are honoured") {
    const Layout one = Layout::per_tensor({12});
    const ferret::Projector project{one, ferret::Gaussian{}, ferret::Uniform{6}};
    const ferret::Reconstructor reconstruct{one, ferret::Gaussian{}};
    const torch::Tensor plain = quarters(12, 1, torch::kFloat32);
    const Sketch sketch = project(plain, seed);
    torch::Tensor expected = plain.clone();
    reconstruct(sketch, expected, 1.0f);
    const auto honour = [&](torch::Tensor tensor) {
        CHECK(project(tensor, seed) == sketch);
        reconstruct(sketch, tensor, 1.0f);
        CHECK(floats(tensor.detach()) == floats(expected));
    };
    honour(plain.clone().requires_grad_());
    honour(plain.clone().view({1, 12, 1}));
    honour(plain.clone().refine_names(
        {torch::Dimname::fromSymbol(torch::Symbol::dimname("weights"))}));
    torch::Tensor inference;
    {
        const c10::InferenceMode mode;
        inference = plain.clone();
    }
    REQUIRE(inference.is_inference());
    honour(inference);
}

TEST_CASE("autograd notices that a tensor it needs was written") {
    const Layout one = Layout::per_tensor({12});
    const torch::Tensor weights = quarters(12, 1, torch::kFloat32).requires_grad_();
    const torch::Tensor loss = (weights * weights).sum();
    const ferret::Projector project{one, ferret::Gaussian{}, ferret::Uniform{6}};
    const Sketch sketch = project(weights, seed);
    const auto version = weights._version();
    CHECK(project(weights, seed) == sketch);
    CHECK(weights._version() == version);
    ferret::Reconstructor{one, ferret::Gaussian{}}(sketch, weights, 1.0f);
    CHECK(weights._version() > version);
    CHECK_THROWS_AS(loss.backward(), c10::Error);
}

TEST_CASE("tied weights that a model lists twice are refused, parts of one storage are not") {
    const Layout two = Layout::per_tensor({12, 12});
    const torch::Tensor storage = quarters(24, 1, torch::kFloat32);
    const std::vector<torch::Tensor> halves{storage.slice(0, 0, 12), storage.slice(0, 12, 24)};
    const ferret::Projector project{two, ferret::Gaussian{}, ferret::Uniform{6}};
    const Sketch sketch = project(halves, seed);
    const ferret::Reconstructor reconstruct{two, ferret::Gaussian{}};
    CHECK(contains(error_message<LayoutMismatch>([&] {
                       reconstruct(sketch, std::vector{halves[0], halves[0]}, 1.0f);
                   }),
                   "tensors 0 and 1"));
    CHECK_NOTHROW(reconstruct(sketch, halves, 1.0f));
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
