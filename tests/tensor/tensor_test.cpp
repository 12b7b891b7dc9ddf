#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <forward_list>
#include <list>
#include <memory>
#include <span>
#include <vector>

using ferret::Layout;
using ferret::Sketch;
using ferret_test::seed;
using ferret_test::simple_update;

namespace {

const Layout two_tensors = Layout::per_tensor({4, 6});
const ferret::Projector<> project{two_tensors, ferret::Gaussian{}, ferret::Uniform{5}};
const ferret::Reconstructor<> reconstruct{two_tensors, ferret::Gaussian{}};

const std::vector<float> first = simple_update(4, 1);
const std::vector<float> second = simple_update(6, 2);
const std::vector<std::vector<float>> delta{first, second};
const Sketch expected = project(delta, seed);

/// What the model of zeros becomes.
std::vector<std::vector<float>> rebuilt() {
    std::vector<std::vector<float>> model{std::vector<float>(4), std::vector<float>(6)};
    reconstruct(expected, model, 1.0f);
    return model;
}

}  // namespace

TEST_CASE("lists of vectors, spans, arrays and whatever iterates forward") {
    std::vector<std::vector<float>> vectors = delta;
    CHECK(project(std::vector<std::span<const float>>{first, second}, seed) == expected);
    CHECK(project(std::vector<std::span<float>>{vectors[0], vectors[1]}, seed) == expected);
    CHECK(project(std::array<std::vector<float>, 2>{first, second}, seed) == expected);
    CHECK(project(std::list<std::vector<float>>{first, second}, seed) == expected);
    CHECK(project(std::forward_list<std::vector<float>>{first, second}, seed) == expected);
    CHECK(project(std::span<std::vector<float>>(vectors), seed) == expected);
    const std::list<std::vector<float>> zeros{std::vector<float>(4), std::vector<float>(6)};
    CHECK(project(delta, zeros, seed) == expected);
}

TEST_CASE("a single tensor instead of a list") {
    const Layout one = Layout::per_tensor({6});
    const ferret::Projector project_one{one, ferret::Gaussian{}, ferret::Uniform{5}};
    const ferret::Reconstructor reconstruct_one{one, ferret::Gaussian{}};
    const Sketch sketch = project_one(std::vector{second}, seed);
    CHECK(project_one(second, seed) == sketch);
    CHECK(project_one(std::span<const float>(second), seed) == sketch);
    std::array<float, 6> array{};
    std::copy(second.begin(), second.end(), array.begin());
    CHECK(project_one(array, seed) == sketch);
    float plain[6];
    std::copy(second.begin(), second.end(), plain);
    CHECK(project_one(plain, seed) == sketch);
    // before as a tensor, after as a list of one: both are the same model.
    CHECK(project_one(second, std::vector{std::vector<float>(6)}, seed) == sketch);

    std::vector<float> model(6);
    std::array<float, 6> array_model{};
    float plain_model[6] = {};
    reconstruct_one(sketch, model, 1.0f);
    reconstruct_one(sketch, array_model, 1.0f);
    reconstruct_one(sketch, plain_model, 1.0f);
    CHECK(model != std::vector<float>(6));
    CHECK(std::equal(model.begin(), model.end(), array_model.begin()));
    CHECK(std::equal(model.begin(), model.end(), plain_model));
}

TEST_CASE("models are written through lists of every kind, and through temporaries of views") {
    const std::vector<std::vector<float>> wanted = rebuilt();
    std::list<std::vector<float>> list{std::vector<float>(4), std::vector<float>(6)};
    reconstruct(expected, list, 1.0f);
    CHECK(std::vector<std::vector<float>>(list.begin(), list.end()) == wanted);

    std::vector<std::vector<float>> model{std::vector<float>(4), std::vector<float>(6)};
    reconstruct(expected, std::vector{std::span<float>(model[0]), std::span<float>(model[1])},
                1.0f);
    CHECK(model == wanted);

    std::vector<float> flat(10);
    reconstruct(expected,
                std::array{std::span<float>(flat).first(4), std::span<float>(flat).last(6)}, 1.0f);
    CHECK(std::equal(wanted[1].begin(), wanted[1].end(), flat.begin() + 4));
}

TEST_CASE("a const list of views, and a const view, write to what they refer to") {
    std::vector<std::vector<float>> model{std::vector<float>(4), std::vector<float>(6)};
    const std::vector<std::span<float>> views{model[0], model[1]};
    reconstruct(expected, views, 1.0f);
    CHECK(model == rebuilt());

    std::vector<float> flat(10);
    const std::span<float> view(flat);
    const ferret::Layout layout = Layout::per_tensor({10});
    const Sketch sketch =
        ferret::Projector{layout, ferret::Gaussian{}, ferret::Uniform{5}}(simple_update(10), seed);
    ferret::Reconstructor{layout, ferret::Gaussian{}}(sketch, view, 1.0f);
    CHECK(flat != std::vector<float>(10));
}

TEST_CASE("tensors need no alignment beyond their elements'") {
    std::vector<float> bytes(64);
    for (std::size_t shift = 0; shift < 16; ++shift) {
        const std::span<float> at = std::span<float>(bytes).subspan(shift, 10);
        std::copy(first.begin(), first.end(), at.begin());
        std::copy(second.begin(), second.end(), at.begin() + 4);
        CHECK(project(std::vector{at.first(4), at.last(6)}, seed) == expected);
    }
}

namespace {

/// A tensor type of a user's own.
struct OwnTensor {
    std::unique_ptr<double[]> values = std::make_unique<double[]>(6);
};

}  // namespace

template <>
struct ferret::TensorAccess<OwnTensor> {
    static constexpr ferret::MemorySpace space = ferret::MemorySpace::host;
    static ferret::TensorView view(const OwnTensor& tensor) {
        return {tensor.values.get(), 6, ferret::DType::float64};
    }
    static ferret::MutableTensorView mutable_view(OwnTensor& tensor) {
        return {tensor.values.get(), 6, ferret::DType::float64};
    }
};

TEST_CASE("a user's own tensor type") {
    OwnTensor own;
    std::copy(second.begin(), second.end(), own.values.get());
    const Layout one = Layout::per_tensor({6});
    const Sketch sketch =
        ferret::Projector{one, ferret::SparseSign{}, ferret::Uniform{6}}(own, seed);
    // As many bases as elements: the update comes back whole, and leaves zero.
    ferret::Reconstructor{one, ferret::SparseSign{}}(sketch, own, -1.0f);
    for (std::size_t i = 0; i < 6; ++i) CHECK(own.values[i] == 0.0);
}
