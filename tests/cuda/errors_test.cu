#include "cuda/support/device.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <ferret/ferret.hpp>
#include <limits>
#include <type_traits>
#include <vector>

using ferret::Cuda;
using ferret::Layout;
using ferret::Seed;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::on_device;
using ferret_test::on_host;

// Host memory is not for the device, nor the other way round.
using OnGpu = ferret::Projector<Cuda>;
using OnCpu = ferret::Projector<ferret::Cpu>;
static_assert(std::is_invocable_v<const OnGpu&, const thrust::device_vector<float>&, Seed>);
static_assert(!std::is_invocable_v<const OnGpu&, const std::vector<float>&, Seed>);
static_assert(!std::is_invocable_v<const OnCpu&, const thrust::device_vector<float>&, Seed>);
using RebuildOnGpu = ferret::Reconstructor<Cuda>;
static_assert(std::is_invocable_v<const RebuildOnGpu&, const ferret::Sketch&,
                                  thrust::device_vector<float>&, float>);
static_assert(!std::is_invocable_v<const RebuildOnGpu&, const ferret::Sketch&,
                                   const thrust::device_vector<float>&, float>);
static_assert(
    !std::is_invocable_v<const RebuildOnGpu&, const ferret::Sketch&, std::vector<float>&, float>);

namespace {

const Layout layout = Layout::per_tensor({5000, 300}).with_names({"embedding", "head"});

ferret::Projector<Cuda> projector(const ferret::Basis& basis) {
    return {layout, basis, ferret::NormShare{40}, Cuda{}};
}

}  // namespace

TEST_CASE("tensors that do not fit the layout") {
    const std::vector<thrust::device_vector<float>> short_one(1), other_size(2);
    const auto project = projector(ferret::Rademacher{});
    CHECK(contains(error_message<ferret::LayoutMismatch>(
                       [&] { static_cast<void>(project(short_one, Seed{})); }),
                   "expected 2, got 1"));
    CHECK(contains(error_message<ferret::LayoutMismatch>(
                       [&] { static_cast<void>(project(other_size, Seed{})); }),
                   "expected 5000 elements, got 0"));
}

TEST_CASE("numbers that are not finite are named") {
    for (const ferret::Basis& basis : ferret::all_bases)
        for (const float bad :
             {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
              std::numeric_limits<float>::quiet_NaN()}) {
            std::vector<float> head = ferret_test::simple_update(300);
            head[17] = bad;
            head[200] = bad;
            const std::vector<thrust::device_vector<float>> delta{
                on_device(ferret_test::simple_update(5000)), on_device(head)};
            const std::string message = error_message<ferret::NonFinite>([&] {
                static_cast<void>(projector(basis)(delta, Seed{42, 7}));
            });
            CHECK(contains(message, "tensor 1 (head), index 17"));
            const ferret::Projector uniform{layout, basis, ferret::Uniform{40}, Cuda{}};
            CHECK(error_message<ferret::NonFinite>([&] {
                      static_cast<void>(uniform(delta, Seed{42, 7}));
                  }) == message);
        }
}

TEST_CASE("an update too large for its coordinates") {
    const std::vector<float> huge(5300, std::numeric_limits<float>::max());
    const auto delta = on_device(huge);
    const ferret::Projector project{Layout::per_tensor({5300}), ferret::Gaussian{},
                                    ferret::Uniform{2}, Cuda{}};
    CHECK(contains(error_message<ferret::NonFinite>([&] {
                       static_cast<void>(project(delta, Seed{42, 7}));
                   }),
                   "too large"));
}

TEST_CASE("a refused reconstruction leaves the model as it was") {
    const std::vector<float> values = ferret_test::simple_update(5300);
    thrust::device_vector<float> model = on_device(values);
    const Layout other = Layout::per_tensor({5300});
    const ferret::Sketch sketch =
        ferret::Projector{other, ferret::Rademacher{}, ferret::Uniform{4}}(values, Seed{42, 7});
    const ferret::Reconstructor of_layout{layout, ferret::Rademacher{}, Cuda{}};
    CHECK_THROWS_AS(of_layout(sketch, model, 1.0f), ferret::LayoutMismatch);
    const ferret::Reconstructor of_basis{other, ferret::Gaussian{}, Cuda{}};
    CHECK_THROWS_AS(of_basis(sketch, model, 1.0f), ferret::SketchMismatch);
    const ferret::Reconstructor reconstruct{other, ferret::Rademacher{}, Cuda{}};
    CHECK_THROWS_AS(reconstruct(sketch, model, std::numeric_limits<float>::infinity()),
                    ferret::NonFinite);
    ferret::Sketch large = sketch;
    large.coordinates[0] = std::numeric_limits<float>::max();
    CHECK_THROWS_AS(reconstruct(large, model, 2.0f), ferret::NonFinite);
    CHECK(on_host(model) == values);
}
