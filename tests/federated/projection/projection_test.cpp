#include "federated/projection/projection.hpp"

#include <ferret/ferret.hpp>
#include <ferret/interop/torch.hpp>
#include <limits>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

const ferret::Seed seed{3, 1};

Weights before() {
    return {torch::sin(torch::arange(300, torch::kFloat32)).view({10, 30}), torch::ones({7})};
}

Weights after() {
    Weights weights = clone_weights(before());
    for (torch::Tensor& tensor : weights) tensor.mul_(0.75).add_(0.01);
    return weights;
}

ferret::Layout layout() {
    return ferret::Layout::per_tensor(tensor_sizes(before()));
}

}  // namespace

TEST_CASE("sketches and rebuilt models are the library's, bit for bit") {
    for (const auto& [name, id] : ferret::basis_names) {
        CAPTURE(name);
        const ferret::Basis basis = ferret::parse_basis(name);
        const ferret::BudgetRule budget = ferret::NormShare{12};
        const ferret::Sketch sketch = Projector(layout(), basis, budget)(before(), after(), seed);
        CHECK((sketch == ferret::Projector<>(layout(), basis, budget)(before(), after(), seed)));
        CHECK(sketch.basis == id);

        Weights ours = before();
        Weights expected = before();
        Reconstructor(layout(), basis)(sketch, ours, -0.5f);
        ferret::Reconstructor<>(layout(), basis)(sketch, expected, -0.5f);
        CHECK(same_bits(ours, expected));
        CHECK_FALSE(same_bits(ours, before()));
    }
}

TEST_CASE("a sketch's parts, one of each shard, make the sketch") {
    const ferret::Basis basis = ferret::Rademacher{};
    const Projector project(layout(), basis, ferret::Uniform{8});
    const std::vector<std::uint32_t> bases = ferret::allocate(ferret::Uniform{8}, layout());
    const ferret::Shard whole = ferret::Shard::all(layout());
    const std::vector<ferret::PartialSketch> parts{
        project.project_part(before(), after(), whole, bases, seed)};
    CHECK((ferret::combine(layout(), basis, std::span<const ferret::PartialSketch>(parts)) ==
           project(before(), after(), seed)));

    Weights delta = after();
    make_delta(before(), delta);
    const std::vector<double> norms = project.shard_squared_norms(delta, whole);
    REQUIRE(norms.size() == 2);
    CHECK(norms[1] == doctest::Approx(7 * 0.24 * 0.24).epsilon(1e-5));
}

TEST_CASE("a basis is a step, there and back") {
    const Reconstructor rebuild(layout(), ferret::Gaussian{});
    CHECK(rebuild.layout().fingerprint() == layout().fingerprint());
    Weights model{torch::zeros({10, 30}), torch::zeros({7})};
    rebuild.add_basis(seed, 2, model, 1.0f);
    CHECK_FALSE(same_bits(model, {torch::zeros({10, 30}), torch::zeros({7})}));
    rebuild.add_basis(seed, 2, model, -1.0f);
    CHECK(same_bits(model, {torch::zeros({10, 30}), torch::zeros({7})}));
}

TEST_CASE("tensors of another layout and updates that are not finite are refused") {
    const Projector project(layout(), ferret::Rademacher{}, ferret::Uniform{8});
    CHECK_THROWS_AS(project({torch::ones({7})}, {torch::ones({7})}, seed), ferret::LayoutMismatch);
    Weights broken = after();
    broken[1][3] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_AS(project(before(), broken, seed), ferret::NonFinite);
}
